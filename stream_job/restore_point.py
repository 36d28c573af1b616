"""Where a job goes on from: the newest complete checkpoint or savepoint on disk."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class RestorePoint:
    """A checkpoint that the next job may take over and clean up, or a savepoint that stays."""

    path: Path
    is_savepoint: bool

    @property
    def claim_mode(self) -> str:
        """Flink's word for who owns it once the job has started from it."""
        return "NO_CLAIM" if self.is_savepoint else "CLAIM"


def newest(checkpoints: Path, savepoints: Path) -> RestorePoint | None:
    """The newest one, or None where there is none: then the job begins with the streams.

    `_metadata` is what Flink writes last, so a folder without it is incomplete.
    """
    found = [(file, False) for file in checkpoints.glob("*/chk-*/_metadata")]
    found += [(file, True) for file in savepoints.glob("*/_metadata")]
    if not found:
        return None
    file, is_savepoint = max(found, key=lambda entry: entry[0].stat().st_mtime_ns)
    return RestorePoint(file.parent, is_savepoint)
