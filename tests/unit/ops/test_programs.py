"""The supervisor's configuration says what the programs say, as supervisord reads it."""

import shlex
from pathlib import Path

import pytest
from supervisor.options import ServerOptions

from ops.errors import OpsError
from ops.paths import Paths
from ops.programs import Program, sources, supervisor_configuration


@pytest.fixture
def paths(tmp_path: Path) -> Paths:
    paths = Paths(tmp_path / "var")
    paths.run.mkdir(parents=True)
    paths.log.mkdir()
    return paths


def program(**changes: object) -> Program:
    values = {"name": "one", "command": ("/bin/true",), "environment": {}, "directory": Path("/"), **changes}
    return Program(**values)  # type: ignore[arg-type]


def parsed(paths: Paths, *programs: Program) -> ServerOptions:
    file = paths.run / "supervisord.conf"
    file.write_text(supervisor_configuration(programs, paths, "root"))
    options = ServerOptions()
    options.realize(["-c", str(file)])
    return options


def test_supervisord_reads_a_command_as_it_was_given(paths: Paths) -> None:
    command = ("/bin/echo", "50%", "two words", "semi;colon", 'quo"te', "app:create_app()")
    config = parsed(paths, program(command=command)).process_group_configs[0].process_configs[0]
    assert tuple(shlex.split(config.command)) == command


def test_supervisord_reads_variables_as_they_were_given(paths: Paths) -> None:
    environment = {"PERCENT": "100%(x)s", "COMMAS": "a,b=c", "URL": "wss://h:1/p?q=é#r", "EMPTY": ""}
    config = parsed(paths, program(environment=environment)).process_group_configs[0].process_configs[0]
    assert config.environment == environment


@pytest.mark.parametrize("value", ['a"b', "a'b", "a\nb", "a ;b", "a #b"])
def test_a_value_that_supervisord_cannot_carry_is_refused_by_name(paths: Paths, value: str) -> None:
    with pytest.raises(OpsError, match=r"COINBASE_WS_URL in \.env contains"):
        supervisor_configuration([program(environment={"COINBASE_WS_URL": value})], paths, "root")


def test_a_program_is_another_when_what_it_reads_at_its_start_changes(paths: Paths) -> None:
    before, after, same = (
        supervisor_configuration([program(depends_on=(content,))], paths, "root") for content in "aba"
    )
    assert before == same != after


def test_programs_start_when_they_are_told_to_and_restart_when_they_die(paths: Paths) -> None:
    config = parsed(paths, program()).process_group_configs[0].process_configs[0]
    assert config.autostart is False
    assert config.autorestart is not False


def test_a_source_file_that_changes_changes_the_digest_of_its_folder(tmp_path: Path) -> None:
    module = tmp_path / "module.py"
    module.write_text("x = 1\n")
    before = sources(tmp_path)
    module.write_text("x = 2\n")
    assert sources(tmp_path) != before
