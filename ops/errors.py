"""What goes wrong while the stack is started, in words that name the way out."""

from pathlib import Path

LOG_LINES_SHOWN = 20


class OpsError(Exception):
    """A sentence for the person at the terminal; `log` is the file whose last lines explain it."""

    def __init__(self, sentence: str, log: Path | None = None) -> None:
        super().__init__(sentence)
        self.log = log

    def render(self) -> str:
        """The sentence, and the end of the log where there is one."""
        if self.log is None or not self.log.is_file():
            return str(self)
        lines = self.log.read_text(errors="replace").splitlines()[-LOG_LINES_SHOWN:]
        tail = "\n".join(f"  | {line}" for line in lines)
        return f"{self}\nThe end of {self.log}:\n{tail}"
