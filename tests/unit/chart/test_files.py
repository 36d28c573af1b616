"""The chart page's files, as they are served."""

import re
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI

from api.page.files import LIBRARY_NAME, PREFIX, STATIC, PageFiles, PageIncompleteError
from api.page.router import page_router
from api.problems import install_problem_handlers

IMPORT = re.compile(r"""from '\./([^']+)'""")


@pytest.fixture
def client() -> httpx.AsyncClient:
    app = FastAPI()
    app.include_router(page_router())
    install_problem_handlers(app)
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://chart")


@pytest.mark.parametrize("path", ["/dashboard", "/dashboard/BTC-USD", "/dashboard/FX:EUR/USD"])
async def test_the_page_forbids_everything_but_its_own_files(client: httpx.AsyncClient, path: str) -> None:
    answer = await client.get(path)
    policy = answer.headers["Content-Security-Policy"]
    assert answer.status_code == 200
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'self'" in policy
    assert "unsafe" not in policy
    assert "http" not in policy


async def test_the_page_itself_is_asked_for_again_and_not_sent_again(client: httpx.AsyncClient) -> None:
    tag = (await client.get("/dashboard")).headers["ETag"]
    again = await client.get("/dashboard", headers={"If-None-Match": tag})
    assert (again.status_code, again.content) == (304, b"")


async def test_files_are_kept_for_a_year_under_the_address_of_their_content(
    client: httpx.AsyncClient,
) -> None:
    page = (await client.get("/dashboard")).text
    addresses = re.findall(r'(?:src|href)="(/[^"]+)"', page)
    assert len(addresses) >= 4
    for address in addresses:
        answer = await client.get(address)
        assert answer.status_code == 200
        assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"


async def test_a_page_of_an_older_version_still_gets_files_but_may_not_keep_them(
    client: httpx.AsyncClient,
) -> None:
    answer = await client.get(f"{PREFIX}/0000000000000000/main.js")
    assert (answer.status_code, answer.headers["Cache-Control"]) == (200, "no-cache")


@pytest.mark.parametrize("name", ["..%2Ffiles.py", "package.json", "index.html", ""])
async def test_nothing_but_the_page_s_files_is_served(client: httpx.AsyncClient, name: str) -> None:
    assert (await client.get(f"{PREFIX}/0000000000000000/{name}")).status_code == 404


def test_every_module_that_is_imported_is_there() -> None:
    names = {path.name for path in STATIC.glob("*.js")} | {LIBRARY_NAME}
    imported = {name for path in STATIC.glob("*.js") for name in IMPORT.findall(path.read_text())}
    assert imported
    assert imported <= names


def test_a_changed_file_changes_every_address(tmp_path: Path) -> None:
    for path in STATIC.iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes())
    (tmp_path / "legend.js").write_text("// changed")
    assert PageFiles.load(tmp_path).version != PageFiles.load().version


def test_a_missing_library_is_told_with_the_way_to_install_it(tmp_path: Path) -> None:
    with pytest.raises(PageIncompleteError, match=r"ops/install\.sh"):
        PageFiles.load(library=tmp_path / "none.mjs")
