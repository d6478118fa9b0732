"""The vouchers of stock, where a movement changes what stock is worth."""

from datetime import date
from decimal import Decimal

from servicemgmt.core.audit import subject_of
from servicemgmt.ledger.operations import VoucherDraft, VoucherLine
from servicemgmt.masterdata.models import Currency, Item


def draft_of(
    key: int, on: date, text: str, currency: Currency, lines: list[VoucherLine], item: Item, label: str
) -> VoucherDraft:
    """The voucher of one movement, with the key that the movement names already."""
    return VoucherDraft(
        on=on,
        text=text,
        source="inventory",
        currency=currency,
        lines=lines,
        subject=subject_of(item),
        label=label,
        key=key,
    )


def line_of(purpose: str, value: Decimal) -> VoucherLine:
    """A line in company currency."""
    return VoucherLine(purpose, value, value)
