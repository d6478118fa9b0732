from .opening import OpeningLine, post_opening, reverse_opening
from .periods import close_period, create_fiscal_year, open_period
from .posting import (
    Ready,
    VoucherDraft,
    VoucherLine,
    held_days,
    post_voucher,
    post_vouchers,
    ready_vouchers,
    reversed_lines,
    write_vouchers,
)

__all__ = [
    "OpeningLine",
    "Ready",
    "VoucherDraft",
    "VoucherLine",
    "close_period",
    "create_fiscal_year",
    "held_days",
    "open_period",
    "post_opening",
    "post_voucher",
    "post_vouchers",
    "ready_vouchers",
    "reverse_opening",
    "reversed_lines",
    "write_vouchers",
]
