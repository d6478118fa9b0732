"""What applying a batch of prices, or taking it back, will do: said in figures before it is done."""

from decimal import Decimal
from typing import Any

from django.db.models import Count, DecimalField, F, Max, Min, Q, QuerySet
from django.db.models.functions import NullIf
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from agreements.models import AdjustmentRow, PriceAdjustment
from servicemgmt.core.display import moment, number, quantity, unit_price
from servicemgmt.core.money import round_money

from .forms import BatchForm

#: How many prices are named.
FEW = 3
SHARE = (F("new_price") / NullIf(F("old_price"), Decimal(0)) - 1) * 100


def before_applying(batch: PriceAdjustment) -> dict[str, Any]:
    """The page that asks before the prices of the batch are brought in."""
    found = batch.rows.aggregate(
        prices=Count("pk", filter=Q(skipped="")),
        stay=Count("pk", filter=~Q(skipped="")),
        agreements=Count("agreement", distinct=True, filter=Q(skipped="")),
        least=Min(SHARE, filter=Q(skipped=""), output_field=DecimalField()),
        most=Max(SHARE, filter=Q(skipped=""), output_field=DecimalField()),
    )
    text = _("New from %(day)s on: %(prices)s of %(agreements)s.") % {
        "day": moment(batch.effective_on),
        "prices": prices_in_words(found["prices"]),
        "agreements": agreements_in_words(found["agreements"]),
    }
    consequences = [
        named(row, row.old_price, row.new_price) for row in examples(batch.rows.filter(skipped=""))
    ]
    if found["least"] is not None:
        consequences.insert(0, span_of(found["least"], found["most"]))
    if found["stay"]:
        consequences.append(
            ngettext("%(count)s price stays as it is.", "%(count)s prices stay as they are.", found["stay"])
            % {"count": number(found["stay"])}
        )
    consequences.append(_("Visits that are created already keep their prices."))
    return asked(batch, _("Apply the price adjustment"), text, consequences, _("Apply"))


def span_of(least: Decimal, most: Decimal) -> str:
    """By how much the prices change, in percent to two decimals."""
    span = {"least": quantity(round_money(least, 2)), "most": quantity(round_money(most, 2))}
    if span["least"] == span["most"]:
        return _("Each changes by %(least)s %%.") % span
    return _("The changes lie between %(least)s %% and %(most)s %%.") % span


def before_undoing(batch: PriceAdjustment) -> dict[str, Any]:
    """The page that asks before the batch is taken back."""
    rows = batch.rows.filter(Q(line_price__isnull=False) | Q(made__isnull=False))
    found = rows.aggregate(prices=Count("pk"), agreements=Count("agreement", distinct=True))
    text = _("Again as they were before %(day)s: %(prices)s of %(agreements)s.") % {
        "prices": prices_in_words(found["prices"]),
        "agreements": agreements_in_words(found["agreements"]),
        "day": moment(batch.effective_on),
    }
    consequences = [named(row, row.new_price, row.old_price) for row in examples(rows)]
    consequences.append(_("Visits that were created meanwhile keep their prices."))
    consequences.append(_("What was invoiced stays invoiced."))
    return asked(batch, _("Take all prices back"), text, consequences, _("Take all prices back"))


def asked(
    batch: PriceAdjustment, title: str, text: str, consequences: list[str], label: str
) -> dict[str, Any]:
    """What core/confirm.html shows."""
    back = reverse("agreements:adjustment", args=[batch.pk])
    return {
        "crumbs": [
            {"label": _("Price adjustments"), "url": reverse("agreements:adjustments")},
            {"label": batch.description, "url": back},
        ],
        "title": title,
        "text": text,
        "consequences": consequences,
        "form": BatchForm(initial={"version": batch.version}),
        "submit_label": label,
        "tone": "primary",
        "cancel_url": back,
    }


def examples(rows: QuerySet[AdjustmentRow]) -> list[AdjustmentRow]:
    return list(rows.select_related("agreement", "currency").order_by("agreement__number", "pk")[:FEW])


def named(row: AdjustmentRow, old: Any, new: Any) -> str:
    """One price as an example: SA-00012 Inspection: 80.00 → 82.40 EUR."""
    return _("For example %(agreement)s, %(what)s: %(old)s → %(new)s %(currency)s.") % {
        "agreement": row.agreement.number,
        "what": row.label,
        "old": unit_price(old, row.currency),
        "new": unit_price(new, row.currency),
        "currency": row.currency.code,
    }


def prices_in_words(count: int) -> str:
    return ngettext("%(count)s price", "%(count)s prices", count) % {"count": number(count)}


def agreements_in_words(count: int) -> str:
    return ngettext("%(count)s agreement", "%(count)s agreements", count) % {"count": number(count)}
