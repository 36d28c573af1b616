"""The stack for people with Docker, checked without an engine."""

import re
import subprocess
import sys

import pytest
import yaml

from ops.secrets import assignments, secret_names
from ops.settings import REPOSITORY, TEMPLATE
from producer.settings import ProducerSettings

COMPOSE = REPOSITORY / "docker-compose.yml"
DOCKERFILES = sorted(REPOSITORY.glob("*/Dockerfile"))
VARIABLE = re.compile(r"(?<!\$)\$\{(\w+)([^}]*)\}")


def test_the_compose_file_follows_the_compose_specification() -> None:
    result = subprocess.run(
        [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.compose-spec", str(COMPOSE)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stdout + result.stderr


@pytest.mark.parametrize("dockerfile", DOCKERFILES, ids=lambda path: path.parent.name)
def test_hadolint_finds_nothing_in_a_dockerfile(dockerfile: str) -> None:
    result = subprocess.run(
        [REPOSITORY / ".venv/bin/hadolint", str(dockerfile)], capture_output=True, text=True, check=False
    )
    assert result.returncode == 0, result.stdout + result.stderr


def test_each_part_has_an_image() -> None:
    assert [path.parent.name for path in DOCKERFILES] == ["api", "producer", "stream_job", "superset"]


def test_every_variable_of_the_compose_file_is_documented() -> None:
    used = {name for name, _ in VARIABLE.findall(COMPOSE.read_text())}
    assert used <= set(assignments(TEMPLATE.read_text()))


def test_the_producer_has_every_setting_of_its_own() -> None:
    environment = yaml.safe_load(COMPOSE.read_text())["services"]["producer"]["environment"]
    # Ports and addresses of servers are those of the image.
    inside = {"RABBITMQ_PORT", "FLINK_REST_PORT", "PRODUCER_PORT"}
    settings = {name.upper() for name in ProducerSettings.model_fields}
    assert settings - set(environment) == inside


def test_superset_leads_browsers_to_the_published_port_of_the_read_api() -> None:
    services = yaml.safe_load(COMPOSE.read_text())["services"]
    (published,) = services["api"]["ports"]
    environment = services["superset"]["environment"]
    assert published == f"127.0.0.1:{environment['API_PORT']}:8001"
    assert environment["API_HOST"] == services["api"]["environment"]["API_HOST"]


def test_a_missing_secret_stops_compose_and_no_secret_has_a_default() -> None:
    forms = {
        name: form for name, form in VARIABLE.findall(COMPOSE.read_text()) if name in secret_names(TEMPLATE)
    }
    assert set(forms) == secret_names(TEMPLATE)
    assert set(forms.values()) == {":?Variable not set"}


def test_every_port_is_published_on_the_loopback_address_alone() -> None:
    services = yaml.safe_load(COMPOSE.read_text())["services"]
    ports = [port for service in services.values() for port in service.get("ports", [])]
    assert ports
    assert all(port.startswith("127.0.0.1:") for port in ports)


def test_every_lasting_service_is_restarted_and_what_others_wait_for_has_a_health_check() -> None:
    services = yaml.safe_load(COMPOSE.read_text())["services"]
    for service in services.values():
        for name, how in service.get("depends_on", {}).items():
            if how["condition"] == "service_healthy":
                assert "healthcheck" in services[name]
            if how["condition"] == "service_completed_successfully":
                assert "restart" not in services[name]
