"""Which format a request is answered in."""

from __future__ import annotations

import pytest

from api.errors import NotAcceptableError
from api.rest.formats import ARROW, CSV, JSON, negotiated


@pytest.mark.parametrize(
    ("accept", "media"),
    [
        (None, JSON),
        ("", JSON),
        ("*/*", JSON),
        ("text/csv", CSV),
        ("TEXT/CSV", CSV),
        ("text/*", CSV),
        ("application/*", JSON),
        ("application/vnd.apache.arrow.stream", ARROW),
        ("text/csv;q=0.5, application/json;q=0.4", CSV),
        ("text/html, application/xhtml+xml, */*;q=0.8", JSON),
        ("application/json;q=0, */*", CSV),
        ("text/csv; header=present", CSV),
    ],
)
def test_the_format_that_is_liked_best_is_taken(accept: str | None, media: str) -> None:
    assert negotiated(accept) == media


@pytest.mark.parametrize("accept", ["text/html", "application/json;q=0", "text/csv;q=often"])
def test_where_none_is_accepted_that_is_told_with_those_there_are(accept: str) -> None:
    with pytest.raises(NotAcceptableError, match="text/csv"):
        negotiated(accept)
