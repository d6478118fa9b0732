"""The list of batches and the rows of one."""

from decimal import Decimal

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from servicemgmt.core.audit import register_subject
from servicemgmt.core.errors import Sentence
from servicemgmt.core.lists import Column, ListSpec, Row, Tab
from servicemgmt.core.money import round_money
from servicemgmt.core.trail import name_actions, name_fields

PRICE = "currency__code"


def state_of(row: Row) -> tuple[Sentence, str]:
    """What became of a batch, and the tone of its badge."""
    if row["undone_at"]:
        return _("Taken back"), "gray"
    return (_("Applied"), "green") if row["applied_at"] else (_("Prepared"), "blue")


def percent_of(row: Row) -> Decimal | None:
    """By how much a price changes, to two decimals."""
    if row["new_price"] is None or not row["old_price"]:
        return None
    return round_money((row["new_price"] / row["old_price"] - 1) * 100, 2)


ADJUSTMENTS = ListSpec(
    name="price-adjustments",
    title=_("Price adjustments"),
    help=_("Changes of many prices at once: prepared, looked at, applied, and taken back as a whole."),
    columns=[
        Column("description", _("Description"), sort="description", kind="link"),
        Column(
            "state",
            _("State"),
            kind="badge",
            value=lambda row: state_of(row)[0],
            tone=lambda row: state_of(row)[1],
            needs=["applied_at", "undone_at"],
        ),
        Column("effective_on", _("From"), sort="effective_on"),
        Column("percent", _("Change (%)"), sort="percent"),
        Column("floor", _("Floor (%)")),
        Column("cap", _("Cap (%)")),
        Column("made_by__name", _("Prepared by")),
    ],
    default_sort="-effective_on",
    row_url=lambda row: reverse("agreements:adjustment", args=[row["pk"]]),
    create=("agreements:adjustment_new", _("Adjust prices"), "agreements.add_priceadjustment"),
    tabs=[
        Tab("prepared", _("Prepared"), Q(applied_at=None)),
        Tab("applied", _("Applied"), Q(applied_at__isnull=False, undone_at=None)),
        Tab("all", _("All")),
    ],
    empty_title=_("No price adjustments"),
    empty_text=_("Prepare one for all agreements, a group or those ticked in their list."),
    empty_icon="tags",
)

ROWS = ListSpec(
    name="adjusted-prices",
    title=_("Prices"),
    columns=[
        Column(
            "agreement__number",
            _("Agreement"),
            sort="agreement__number",
            kind="link",
            href=lambda row: reverse("agreements:agreement_prices", args=[row["agreement__number"]]),
        ),
        Column("agreement__customer__name", _("Customer"), sort="agreement__customer__name"),
        Column("label", _("What"), sort="label"),
        Column("old_price", _("Old price"), kind="price", currency="currency__code", sort="old_price"),
        Column("new_price", _("New price"), kind="price", currency="currency__code", sort="new_price"),
        Column("currency__code", _("Currency")),
        Column("change", _("Change (%)"), value=percent_of, needs=["old_price", "new_price"], kind="number"),
        Column("skipped", _("Why it stays"), sort="skipped"),
    ],
    default_sort="agreement__number",
    search=["agreement__number", "agreement__customer__name", "label"],
    row_url=lambda row: "",
    tabs=[
        Tab("changes", _("Change"), Q(skipped="")),
        Tab("skipped", _("Stay"), ~Q(skipped="")),
        Tab("all", _("All")),
    ],
    tab_counts=True,
    empty_title=_("Nothing here"),
    empty_text=_("No price of the batch falls under this."),
    empty_icon="tags",
)

register_subject(
    "priceadjustment", permission="agreements.view_priceadjustment", view="agreements:adjustment"
)
name_actions(
    {
        "prices_adjusted": _("Prices adjusted"),
        "prices_restored": _("Prices taken back"),
        "price_adjusted": _("Price adjusted"),
        "price_restored": _("Price taken back"),
    }
)
name_fields("priceadjustment", {"rows": _("prices")})
