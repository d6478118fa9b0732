"""What people read: no numbers of rules, which only the specification knows."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings

APPS = ["agreements", "dispatch", "orders", "reporting", "servicemgmt", "subscriptions"]
RULE = re.compile(r"\b(AG|DB|PR|RE|RP|SB|SG|SLA|SO)-A?\d{1,3}\b|\b[A-F]\.\d+\b")
TRANSLATED = {"_", "_lazy", "gettext", "gettext_lazy", "ngettext", "ngettext_lazy"}
COMMENT = re.compile(r"{#.*?#}|{% comment %}.*?{% endcomment %}", re.DOTALL)


def strings(path: Path) -> Iterator[str]:
    """The strings of a module that go through translation."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") in TRANSLATED:
            for part in node.args:
                if isinstance(part, ast.Constant) and isinstance(part.value, str):
                    yield part.value


@pytest.mark.parametrize("app", APPS)
def test_no_sentence_names_a_rule(app):
    found = [
        f"{path.name}: {text}"
        for path in (settings.BASE_DIR / app).rglob("*.py")
        if "migrations" not in path.parts
        for text in strings(path)
        if RULE.search(text)
    ]
    assert not found


def test_no_template_names_a_rule():
    pages = [
        *(settings.BASE_DIR / "templates").rglob("*.html"),
        *(settings.BASE_DIR / "templates").rglob("*.txt"),
    ]
    assert len(pages) > 100
    assert not [path.name for path in pages if RULE.search(COMMENT.sub("", path.read_text()))]
