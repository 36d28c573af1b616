"""Settings, files and Python names that the documentation speaks of exist."""

import pkgutil
import re

import pytest

from ops.secrets import assignments
from ops.settings import REPOSITORY, TEMPLATE
from tests.documents import PAGES, spans

SETTING = re.compile(r"[A-Z]+(_[A-Z]+)+(?==|$)")
# Lists in the code that a new provider is added to, a provider's own word, and where the settings are.
NO_SETTINGS = {
    *("FEED_NAMES", "KEY_SETTINGS", "CANDLEWICK_ENV_FILE"),
    *("GLOBAL_QUOTE", "TIME_SERIES_DAILY", "TIME_SERIES_INTRADAY"),
}
PACKAGES = "api|benchmarks|db|ops|producer|stream_job|superset|tests"
PATH = re.compile(rf"({PACKAGES}|docs)/[\w./-]*")
PYTHON_NAME = re.compile(rf"({PACKAGES})(\.\w+)+")
TEXTS = sorted(set(spans()))


def named(pattern: re.Pattern[str]) -> list[str]:
    return [text for text in TEXTS if pattern.fullmatch(text)]


def test_every_setting_that_is_named_is_in_the_env_template() -> None:
    found = {match[0] for text in TEXTS if (match := SETTING.match(text))}
    assert "SNAPSHOTS_RETENTION_DAYS" in found
    assert found - NO_SETTINGS <= set(assignments(TEMPLATE.read_text()))


@pytest.mark.parametrize("path", named(PATH))
def test_a_file_that_is_named_exists(path: str) -> None:
    assert (REPOSITORY / path).exists()


@pytest.mark.parametrize("name", named(PYTHON_NAME))
def test_a_python_name_that_is_named_exists(name: str) -> None:
    assert pkgutil.resolve_name(name)


def test_every_page_is_reached_from_the_readme() -> None:
    text = PAGES[0].read_text()
    assert [page for page in PAGES[1:] if f"({page.relative_to(REPOSITORY)})" not in text] == []
