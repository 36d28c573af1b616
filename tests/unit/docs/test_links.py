"""Links of the documentation lead somewhere."""

import pytest

from tests.documents import Link, anchors, links

WITHIN = [link for link in links() if "://" not in link.target]


@pytest.mark.parametrize("link", WITHIN, ids=lambda link: f"{link.page.stem}: {link.target}")
def test_a_link_leads_to_a_file_and_a_heading_that_exist(link: Link) -> None:
    path, _, heading = link.target.partition("#")
    page = link.page.parent / path if path else link.page
    assert page.exists()
    assert not heading or heading in anchors(page)
