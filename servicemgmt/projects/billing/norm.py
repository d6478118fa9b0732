"""The rules of EN 16931 that a posted document can break, each as a sentence with the rule's name.

The rest of the norm (what must be there, and in which form) holds by how the terms are made, and by the schema.
"""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from servicemgmt.core.money import ZERO, round_money

type Terms = Mapping[str, Any]

#: Amounts at the head: the norm takes two decimals of each (BR-DEC).
TOTALS = ("BT-106", "BT-109", "BT-110", "BT-111", "BT-112", "BT-115")


def broken_rules(terms: Terms) -> list[str]:
    """Why there can be no e-invoice with these business terms; empty where there can."""
    return [*_parties(terms), *_rates(terms), *(_decimals(terms) or _sums(terms))]


def _parties(terms: Terms) -> Iterator[str]:
    seller, buyer = (terms[name].get("vat_identifier", "") for name in ("BG-4", "BG-7"))
    if not seller:
        yield _("The company has no VAT number (BR-S-02).")
    if not buyer and any(tax["BT-118"] == "AE" for tax in terms["BG-23"]):
        yield _("The customer owes the tax (reverse charge) and has no VAT number (BR-AE-02).")
    for number in (seller, buyer):
        if number and not number[:2].isalpha():
            yield _("The VAT number %(number)s does not begin with its country (BR-CO-09).") % {
                "number": number
            }


def _rates(terms: Terms) -> Iterator[str]:
    for category in sorted({line["BT-151"] for line in terms["BG-25"]}):
        lines = [line for line in terms["BG-25"] if line["BT-151"] == category]
        if category == "S" and not all(Decimal(line["BT-152"]) for line in lines):
            yield _("What is taxed is taxed at 0 percent (BR-S-05).")
        if category != "S" and any(Decimal(line["BT-152"]) for line in lines):
            yield _("What no tax is charged on has a rate above 0 percent (BR-%(category)s-05).") % {
                "category": category
            }


def _amounts(terms: Terms) -> Iterator[str]:
    yield from (terms[name] for name in TOTALS if name in terms)
    for tax in terms["BG-23"]:
        yield from (tax["BT-116"], tax["BT-117"])
    for line in terms["BG-25"]:
        yield line["BT-131"]


def _decimals(terms: Terms) -> list[str]:
    if all(len(amount.partition(".")[2]) <= 2 for amount in _amounts(terms)):
        return []
    return [
        _("Amounts in %(currency)s have more than the two decimals that an e-invoice takes (BR-DEC).")
        % {"currency": terms["BT-5"]}
    ]


def _sums(terms: Terms) -> list[str]:
    lines, net, tax, gross = (Decimal(terms[name]) for name in ("BT-106", "BT-109", "BT-110", "BT-112"))
    of_lines = sum((Decimal(line["BT-131"]) for line in terms["BG-25"]), ZERO)
    of_taxes = sum((Decimal(row["BT-117"]) for row in terms["BG-23"]), ZERO)
    bases = sum((Decimal(row["BT-116"]) for row in terms["BG-23"]), ZERO)
    rules = {
        "BR-CO-10": of_lines == lines,
        "BR-CO-13": lines == net == bases,
        "BR-CO-14": of_taxes == tax,
        "BR-CO-15": net + tax == gross,
        "BR-CO-17": all(map(_taxed, terms["BG-23"])),
    }
    return [
        _("Its amounts do not add up as the norm has it (%(rule)s).") % {"rule": rule}
        for rule, holds in rules.items()
        if not holds
    ]


def _taxed(row: Mapping[str, str]) -> bool:
    """The tax of a rate is its part of the base; the norm lets codes of one rate be rounded by themselves."""
    tax = round_money(Decimal(row["BT-116"]) * Decimal(row["BT-119"]) / 100)
    return abs(tax - Decimal(row["BT-117"])) < 1
