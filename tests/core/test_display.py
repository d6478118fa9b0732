"""How numbers are shown and typed."""

from decimal import Decimal

import pytest
from django.template import engines


def shown(source: str, **context: object) -> str:
    return engines["django"].from_string(source).render(context)


@pytest.mark.parametrize(
    ("value", "text"), [("2.000000", "2"), ("2.500000", "2.5"), ("20", "20"), ("1e3", "1000")]
)
def test_an_input_gets_a_number_without_idle_zeros(value: str, text: str) -> None:
    assert shown("{{ value|typed }}", value=Decimal(value)) == text


def test_the_number_of_a_document_stays_on_one_line_of_paper() -> None:
    text = shown("{{ text|unbroken }}", text="Invoice INV-2026-000012 & so on, well-known")
    kept = '<span class="nowrap">INV-2026-000012</span>'
    assert text == f"Invoice {kept} &amp; so on, well-known"
    assert shown("{{ text|unbroken }}", text="<b-1>") == '<span class="nowrap">&lt;b-1&gt;</span>'
