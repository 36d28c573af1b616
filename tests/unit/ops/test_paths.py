"""Where the stack writes, and what is said when it cannot."""

import os
from pathlib import Path

import pytest

from ops.errors import OpsError
from ops.paths import Paths, write_if_changed


@pytest.mark.skipif(os.geteuid() != 0, reason="only root's servers run as other users")
def test_a_folder_that_the_servers_cannot_enter_is_named(tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    with pytest.raises(OpsError, match=rf"cannot enter {closed}.*set VAR_DIR"):
        Paths(closed / "var").prepare()


def test_a_folder_too_deep_for_a_socket_is_refused(tmp_path: Path) -> None:
    with pytest.raises(OpsError, match="set a shorter VAR_DIR"):
        Paths(tmp_path / ("long" * 30)).prepare()


def test_a_generated_file_is_left_untouched_while_its_content_stays(tmp_path: Path) -> None:
    file = tmp_path / "file"
    write_if_changed(file, "a")
    before = file.stat().st_ino, file.stat().st_mtime_ns
    write_if_changed(file, "a")
    assert (file.stat().st_ino, file.stat().st_mtime_ns) == before
    write_if_changed(file, "b", mode=0o600)
    assert file.read_text() == "b"
    assert file.stat().st_mode & 0o777 == 0o600


def test_an_error_shows_the_end_of_its_log(tmp_path: Path) -> None:
    log = tmp_path / "x.log"
    log.write_text("\n".join(f"line {number}" for number in range(100)))
    text = OpsError("it broke", log).render()
    assert text.startswith("it broke\n")
    assert "line 99" in text
    assert "line 10\n" not in text
