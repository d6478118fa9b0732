"""The cells of a list, written by hand: what they show, and that nothing typed becomes markup."""

import pytest
from django.utils.safestring import SafeString

from servicemgmt.core.lists.markup import Markup

EVIL = '"><script>alert(1)</script>'
PLAIN = {
    "kind": "text", "value": "x", "href": "", "tone": "", "sub": "", "title": "", "align": "start", "label": "Name",
}  # fmt: skip


def row(url: str = "", **cell: object) -> str:
    return Markup().row([PLAIN | cell], url)


@pytest.mark.parametrize("kind", ["text", "link", "badge", "icon", "bool", "money"])
@pytest.mark.parametrize("name", ["value", "href", "tone", "sub", "title", "label"])
def test_what_was_typed_is_never_markup(kind, name):
    for url in ("", EVIL):
        html = row(url, **{"kind": kind, name: EVIL})
        assert isinstance(html, SafeString) and "<script" not in html


@pytest.mark.parametrize(
    ("cell", "html"),
    [
        ({}, ">x</td>"),
        ({"value": ""}, " data-empty></td>"),
        ({"value": False, "kind": "bool"}, " data-empty></td>"),
        ({"href": "/a/?b=1&c=2"}, '<a class="main" href="/a/?b=1&amp;c=2">x</a>'),
        ({"kind": "badge", "tone": "green"}, '<span class="badge" data-tone="green">x</span>'),
        ({"tone": "red"}, '<span class="toned" data-tone="red">x</span>'),
        ({"sub": "y", "title": "z"}, ' title="z">x<span class="sub">y</span></td>'),
        ({"kind": "bool", "value": True}, 'aria-label="Yes"'),
        ({"kind": "icon", "value": "lock", "title": "Shut"}, 'aria-label="Shut"><use href='),
        ({"value": 1234}, ">1234</td>"),
    ],
)
def test_a_cell_shows_its_kind(cell, html):
    assert html in row(**cell)


def test_the_first_cell_leads_to_the_row_and_no_other():
    html = Markup().row([PLAIN, PLAIN], "/orders/7/")
    assert html.count("/orders/7/") == 1
    assert html.index("/orders/7/") < html.index("</td>")
