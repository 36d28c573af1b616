"""What a wrong setting says, and who may read without a key."""

from __future__ import annotations

from pathlib import Path

import pytest

from api.errors import ConfigurationError
from api.security import reading
from api.settings import ApiSettings, load_settings


def test_a_wrong_setting_is_named_with_the_file_to_correct(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    file = tmp_path / "env"
    file.write_text("API_PORT=http\nAPI_QUERY_SECONDS=60\n")
    monkeypatch.setenv("CANDLEWICK_ENV_FILE", str(file))
    with pytest.raises(ConfigurationError) as refused:
        load_settings()
    for part in ("API_PORT: ", "API_QUERY_SECONDS: ", str(file)):
        assert part in str(refused.value)


@pytest.mark.parametrize(
    ("host", "is_open"),
    [("127.0.0.1", True), ("::1", True), ("localhost", True), ("0.0.0.0", False), ("market.example", False)],  # noqa: S104
)
def test_reading_is_open_on_a_loopback_address_alone(host: str, is_open: bool) -> None:
    assert (reading(ApiSettings(api_host=host)) == []) == is_open
