from .account import Account, PostingProfile, PostingPurpose
from .period import FiscalPeriod
from .tax import TaxCode, TaxRate, TaxRule, TaxTreatment
from .voucher import Entry, EntryQuerySet, Voucher, VoucherQuerySet

__all__ = [
    "Account",
    "Entry",
    "EntryQuerySet",
    "FiscalPeriod",
    "PostingProfile",
    "PostingPurpose",
    "TaxCode",
    "TaxRate",
    "TaxRule",
    "TaxTreatment",
    "Voucher",
    "VoucherQuerySet",
]
