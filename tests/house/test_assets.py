"""What pages are made of: vendored files as they were published, and no icon too many or too few."""

import hashlib
import json
import re
from pathlib import Path

STATIC = Path(__file__).resolve().parents[2] / "static"
SOURCES = (
    "templates",
    "static/js",
    "servicemgmt",
    "agreements",
    "subscriptions",
    "orders",
    "dispatch",
    "reporting",
)
#: How templates name an icon; Python and JavaScript have it as a string among others.
NAMED = re.compile(r"""(?:icon="|icon\.html" with name="|icon\|default:")([a-z0-9-]+)""")


def sources() -> str:
    found = [path for folder in SOURCES for path in (STATIC.parent / folder).rglob("*.*")]
    return "\n".join(
        path.read_text(encoding="utf-8") for path in found if path.suffix in (".html", ".js", ".py")
    )


def test_the_sprite_has_the_icons_that_pages_name_and_no_others():
    icons = set(re.findall(r'<symbol id="([^"]+)"', (STATIC / "icons.svg").read_text(encoding="utf-8")))
    text = sources()
    assert set(NAMED.findall(text)) - icons == set(), "named, but not in the sprite"
    assert icons - set(re.findall(r"""["'#]([a-z0-9-]+)["']""", text)) == set(), "in the sprite, but nobody's"


def test_vendored_files_are_what_was_published():
    for library in json.loads((STATIC / "vendor/vendor.json").read_text(encoding="utf-8")):
        for name, digest in library["files"].items():
            assert hashlib.sha256((STATIC / name).read_bytes()).hexdigest() == digest, name


def test_what_is_asked_at_each_change_shows_the_last_answer():
    """Of two changes soon after each other htmx would show the answer to the first beside what was entered last."""
    tags = re.findall(r"<[^<]*hx-trigger=\"[^\"]*\b(?:change|input)\b[^>]*>", sources())
    assert len(tags) > 5
    assert [tag for tag in tags if 'hx-sync="this:replace"' not in tag] == []
