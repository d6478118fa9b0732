from .opening import OpeningLine, post_opening, reverse_opening
from .periods import close_period, create_fiscal_year, open_period
from .posting import VoucherDraft, VoucherLine, post_voucher, post_vouchers, reversed_lines

__all__ = [
    "OpeningLine",
    "VoucherDraft",
    "VoucherLine",
    "close_period",
    "create_fiscal_year",
    "open_period",
    "post_opening",
    "post_voucher",
    "post_vouchers",
    "reverse_opening",
    "reversed_lines",
]
