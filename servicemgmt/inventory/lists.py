"""The lists of stock."""

from typing import Any

from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from servicemgmt.core.lists import Action, Column, ListSpec, Tab

from .filters import CountFilter, CountLineFilter, LotFilter, MoveFilter, OnHandFilter
from .models import CountStatus, MoveKind

MOVE_TONES: dict[str, str] = {
    MoveKind.RECEIPT: "green",
    MoveKind.CONSUMPTION: "orange",
    MoveKind.TRANSFER: "blue",
    MoveKind.COUNT: "purple",
    MoveKind.RETURN: "cyan",
}


COUNT_TONES: dict[str, str] = {
    CountStatus.OPEN: "orange",
    CountStatus.POSTED: "green",
    CountStatus.DROPPED: "gray",
}


def voucher_url(row: dict[str, Any]) -> str:
    number = row["voucher__number"]
    return reverse("ledger:voucher", args=[number]) if number else ""


def moves_url(row: dict[str, Any]) -> str:
    return f"{reverse('inventory:moves')}?item={row['item']}&warehouse={row['warehouse']}"


ON_HAND = ListSpec(
    name="stock",
    title=_("Stock"),
    help=_("What lies where and what it is worth, at its moving average."),
    columns=[
        Column("item__number", _("Item"), sort="item__number", kind="link"),
        Column("item__name", _("Name"), sort="item__name"),
        Column("warehouse__description", _("Warehouse"), sort="warehouse__description"),
        Column("quantity", _("On hand"), sort="quantity"),
        Column("reserved", _("Reserved"), sort="reserved"),
        Column("set_aside", _("Set aside"), sort="set_aside"),
        Column("available", _("Available"), tone=lambda row: "red" if row["available"] < 0 else ""),
        Column("item__unit__code", _("Unit")),
        Column("average", _("Average cost"), kind="price"),
        Column("value", _("Value"), kind="money", currency="home", sort="value"),
    ],
    default_sort="item__number",
    needs=["item", "warehouse"],
    filterset=OnHandFilter,
    row_url=moves_url,
    create=("inventory:receive", _("Receive goods"), "inventory.add_stockmove"),
    tabs=[
        Tab("there", _("On hand"), ~Q(quantity=0)),
        Tab("short", _("Too little for what is reserved"), Q(reserved__gt=F("quantity"))),
        Tab("negative", _("Below zero"), Q(quantity__lt=0)),
        Tab("all", _("All")),
    ],
    actions=[
        Action("inventory:transfer", _("Transfer"), "arrow-left-right", permission="inventory.add_stockmove"),
        Action("inventory:return_unused", _("Return"), "undo-2", permission="inventory.add_stockmove"),
        Action("inventory:lots", _("Serial numbers"), "tags", permission="inventory.view_lotonhand"),
        Action("inventory:counts", _("Counts"), "list-checks", permission="inventory.view_stockcount"),
        Action("inventory:moves", _("Movements"), "history", permission="inventory.view_stockmove"),
    ],
    empty_title=_("Nothing in stock"),
    empty_text=_("Receive the first goods into a warehouse or van."),
    empty_icon="package",
)

LOTS = ListSpec(
    name="stock-lots",
    title=_("Batches and serial numbers"),
    help=_("Which batch or piece of a tracked item lies where; each opens its history from receipt to use."),
    columns=[
        Column("lot__number", _("Number"), sort="lot__number", kind="link"),
        Column(
            "lot__item__number",
            _("Item"),
            sort="lot__item__number",
            sub=lambda row: row["lot__item__name"],
            needs=["lot__item__name"],
        ),
        Column("warehouse__description", _("Warehouse"), sort="warehouse__description"),
        Column("quantity", _("On hand"), sort="quantity"),
        Column("lot__item__unit__code", _("Unit")),
    ],
    default_sort="lot__number",
    needs=["lot"],
    filterset=LotFilter,
    row_url=lambda row: reverse("inventory:lot", args=[row["lot"]]),
    tabs=[Tab("there", _("On hand"), Q(quantity__gt=0)), Tab("all", _("All"))],
    empty_title=_("No batches or serial numbers"),
    empty_text=_("An item says how it is tracked; its numbers come with what is received of it."),
    empty_icon="tags",
)

MOVES = ListSpec(
    name="stock-moves",
    title=_("Stock movements"),
    help=_(
        "Every receipt, use, transfer and return, with its value in company currency. None is ever changed."
    ),
    columns=[
        Column("moved_on", _("Date"), sort="moved_on"),
        Column("kind", _("Kind"), kind="badge", tone=lambda row: MOVE_TONES[row["kind"]]),
        Column(
            "item__number",
            _("Item"),
            sort="item__number",
            sub=lambda row: " · ".join(filter(None, (row["item__name"], row["lot__number"]))),
            needs=["item__name", "lot__number"],
        ),
        Column("lot__number", _("Batch or serial number"), only_export=True),
        Column("warehouse__description", _("Warehouse"), sort="warehouse__description"),
        Column("quantity", _("Quantity")),
        Column("item__unit__code", _("Unit")),
        Column("value", _("Value"), kind="money", currency="home"),
        Column(
            "text",
            _("Text"),
            href=lambda row: reverse("core:open_subject", args=[row["subject"]]) if row["subject"] else "",
            needs=["subject"],
        ),
        Column("voucher__number", _("Voucher"), kind="link", href=voucher_url),
    ],
    default_sort="-pk",
    needs=["kind"],
    filterset=MoveFilter,
    empty_title=_("Nothing was moved yet"),
    empty_icon="history",
)

COUNTS = ListSpec(
    name="stock-counts",
    title=_("Stock counts"),
    help=_(
        "What should lie in a warehouse beside what was found there; the differences are posted from the sheet."
    ),
    columns=[
        Column("counted_on", _("Date"), sort="counted_on", kind="link"),
        Column("warehouse__description", _("Warehouse"), sort="warehouse__description"),
        Column("text", _("Text")),
        Column("line_count", _("Lines")),
        Column("counted_count", _("Counted")),
        Column("difference", _("Difference"), kind="money", currency="home"),
        Column("status", _("Status"), kind="badge", tone=lambda row: COUNT_TONES[row["status"]]),
    ],
    default_sort="-counted_on",
    filterset=CountFilter,
    row_url=lambda row: reverse("inventory:count", args=[row["pk"]]),
    create=("inventory:count_new", _("New count"), "inventory.add_stockcount"),
    tabs=[
        Tab("open", _("Open"), Q(status=CountStatus.OPEN)),
        Tab("posted", _("Posted"), Q(status=CountStatus.POSTED)),
        Tab("all", _("All")),
    ],
    actions=[
        Action("inventory:counted", _("Lines"), "list", permission="inventory.view_stockcount"),
    ],
    empty_title=_("No counts"),
    empty_text=_("Make a sheet of what should lie in a warehouse, then enter what is found."),
    empty_icon="list-checks",
)

COUNTED = ListSpec(
    name="stock-count-lines",
    title=_("Lines of stock counts"),
    help=_("Every item of every count: expected, found, and what the difference was worth once posted."),
    columns=[
        Column("count__counted_on", _("Date"), sort="count__counted_on"),
        Column("count__warehouse__description", _("Warehouse"), sort="count__warehouse__description"),
        Column("item__number", _("Item"), sort="item__number", sub=lambda row: row["item__name"]),
        Column("item__name", _("Name"), only_export=True),
        Column("lot__number", _("Batch or serial number"), sort="lot__number"),
        Column("expected", _("Expected")),
        Column("counted", _("Found"), kind="quantity"),
        Column("difference", _("Difference"), kind="quantity"),
        Column("item__unit__code", _("Unit")),
        Column("move__value", _("Value"), kind="money", currency="home"),
        Column(
            "move__voucher__number",
            _("Voucher"),
            href=lambda row: (
                reverse("ledger:voucher", args=[row["move__voucher__number"]])
                if row["move__voucher__number"]
                else ""
            ),
        ),
    ],
    default_sort="-pk",
    needs=["count", "item__name"],
    filterset=CountLineFilter,
    row_url=lambda row: reverse("inventory:count", args=[row["count"]]),
    empty_title=_("No counts"),
    empty_icon="list-checks",
)
