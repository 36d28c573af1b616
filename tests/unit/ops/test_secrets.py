"""The env file: made once with generated secrets, added to later, never changed."""

import stat
from pathlib import Path

import pytest

from ops.secrets import assignments, ensure_env_file, secret_names

TEMPLATE = "# How it is said.\nPORT=5432\nPASSWORD=<generated>\n\nKEY=<generated>\n"


@pytest.fixture
def template(tmp_path: Path) -> Path:
    path = tmp_path / "env.template"
    path.write_text(TEMPLATE)
    return path


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "folder" / ".env"


def test_the_first_run_generates_a_secret_of_its_own_for_each_name(template: Path, file: Path) -> None:
    ensure_env_file(file, template)
    values = assignments(file.read_text())
    assert values["PORT"] == "5432"
    assert len({values["PASSWORD"], values["KEY"]}) == 2
    assert min(len(values["PASSWORD"]), len(values["KEY"])) >= 32


def test_the_first_run_keeps_the_explanations(template: Path, file: Path) -> None:
    ensure_env_file(file, template)
    assert file.read_text().startswith("# How it is said.\n")


def test_only_its_owner_can_read_it(template: Path, file: Path) -> None:
    ensure_env_file(file, template)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_a_later_run_changes_nothing(template: Path, file: Path) -> None:
    ensure_env_file(file, template)
    before = file.read_bytes()
    assert ensure_env_file(file, template) == []
    assert file.read_bytes() == before


def test_a_later_run_adds_what_is_new_and_leaves_what_was_chosen(template: Path, file: Path) -> None:
    file.parent.mkdir()
    file.write_text("PORT=1\nPASSWORD=mine\nOTHER=kept")
    assert ensure_env_file(file, template) == ["KEY"]
    values = assignments(file.read_text())
    assert (values["PORT"], values["PASSWORD"], values["OTHER"]) == ("1", "mine", "kept")
    assert values["KEY"] != "<generated>"


def test_an_empty_value_is_a_choice_too(template: Path, file: Path) -> None:
    file.parent.mkdir()
    file.write_text("PORT=1\nPASSWORD=\nKEY=k\n")
    assert ensure_env_file(file, template) == []
    assert assignments(file.read_text())["PASSWORD"] == ""


def test_the_template_says_which_names_are_secrets(template: Path) -> None:
    assert secret_names(template) == {"PASSWORD", "KEY"}
