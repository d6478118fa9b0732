"""Why a price is what it is, in words: the stored explanation (plain data) made into sentences when it is shown."""

from datetime import date
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from servicemgmt.core.display import quantity, unit_price

from ..models.price import PriceModel

DISCOUNT_NAMED = ("project", "customer", "category", "item")
NAMED = ("price_list", "project", "worker", "category", "item")


def explain(part: dict[str, Any]) -> list[str]:
    """The sentences of one half ("cost" or "sales") of `Priced.reason`: what won first, then what was passed over."""
    sentences = [_first(part)]
    if part.get("rate"):
        sentences.append(_("Converted at %(rate)s.") % {"rate": quantity(part["rate"])})
    if part.get("missing") == "COST":
        sentences.append(_("It is made from the cost, and there is no cost price."))
    if part.get("markup"):
        sentences.append(_("The line property adds %(percent)s %%.") % {"percent": quantity(part["markup"])})
    if discount := part.get("discount"):
        sentences.append(
            _("%(discount)s is taken off %(price)s.")
            % {"discount": describe_discount(discount), "price": unit_price(discount["list_price"])}
        )
    sentences += [passed_over(row) for row in part.get("passed_over", [])]
    return sentences + [passed_over(row) for row in part.get("discounts_passed_over", [])]


def explain_both(reason: dict[str, Any], *, sees_cost: bool) -> list[tuple[str, list[str]]]:
    """A heading and the sentences for the sales price, and for who may see it the cost price; only what is known."""
    parts = {"sales": _("Sales price")} | ({"cost": _("Cost price")} if sees_cost else {})
    return [(label, explain(reason[part])) for part, label in parts.items() if reason.get(part)]


def _first(part: dict[str, Any]) -> str:
    if part.get("by_hand"):
        return _("Entered by hand.")
    if part.get("none") == "FEE":
        return _("Fees have no cost.")
    chosen = part.get("chosen")
    if chosen:
        return _("%(row)s wins.") % {"row": describe(chosen)}
    if part.get("item"):
        return _("The price of the item %(item)s, for no price row fits.") % {"item": part["item"]}
    return _("No price row fits.")


def describe(row: dict[str, Any]) -> str:
    """A price row as people name it: its price, whom it is for, since when, at which priority."""
    named = ", ".join(str(row[field]) for field in NAMED if row.get(field)) or _("everybody")
    return _("%(price)s for %(named)s from %(day)s (priority %(priority)s)") % {
        "price": _figure(row),
        "named": named,
        "day": date_format(date.fromisoformat(row["valid_from"])),
        "priority": row["priority"],
    }


def describe_discount(row: dict[str, Any]) -> str:
    """A discount as people name it: that of a row, one entered on the line, or what a warranty bears."""
    if row.get("by_hand"):
        return _("The discount of %(percent)s %% entered by hand") % {"percent": quantity(row["percent"])}
    if "warranty" in row:
        return _("The share of %(percent)s %% that is borne (%(warranty)s)") % {
            "percent": quantity(row["percent"]),
            "warranty": row["warranty"],
        }
    named = ", ".join(str(row[field]) for field in DISCOUNT_NAMED if row.get(field)) or _("everybody")
    return _("The discount of %(percent)s %% for %(named)s from %(day)s") % {
        "percent": quantity(row["percent"]),
        "named": named,
        "day": date_format(date.fromisoformat(row["valid_from"])),
    }


def passed_over(row: dict[str, Any]) -> str:
    """Why a row that could have been meant was not taken."""
    reasons = {
        "PRIORITY": _("%(row)s was passed over: less of it fits."),
        "OLDER": _("%(row)s was passed over: a later row replaces it."),
        "LATER": _("%(row)s was passed over: it is not valid yet."),
        "CURRENCY": _("%(row)s was passed over: it is in another currency."),
        "BY_HAND": _("%(row)s was passed over: another one is entered by hand."),
        "LESS": _("%(row)s was passed over: another one takes off more."),
    }
    named = describe_discount(row) if "percent" in row else describe(row)
    return reasons[row["why"]] % {"row": named}


def _figure(row: dict[str, Any]) -> str:
    model = row.get("model", PriceModel.QUANTITY)
    if model == PriceModel.QUANTITY:
        code = row.get("currency", "")
        return f"{unit_price(row['price'], code)} {code}".strip()
    return f"{PriceModel(model).label} {quantity(row['price'])}"
