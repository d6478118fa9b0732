from .periods import close_period, create_fiscal_year, open_period
from .posting import VoucherDraft, VoucherLine, post_voucher, post_vouchers, reversed_lines

__all__ = [
    "VoucherDraft",
    "VoucherLine",
    "close_period",
    "create_fiscal_year",
    "open_period",
    "post_voucher",
    "post_vouchers",
    "reversed_lines",
]
