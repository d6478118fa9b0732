from .account import Account, PostingProfile, PostingPurpose
from .opening import OpeningBalance
from .parameters import ClosedPeriodRule, LedgerParameters
from .period import FiscalPeriod
from .tax import TaxCode, TaxRate, TaxRule, TaxTreatment
from .voucher import Entry, EntryQuerySet, Voucher, VoucherQuerySet

__all__ = [
    "Account",
    "ClosedPeriodRule",
    "Entry",
    "EntryQuerySet",
    "FiscalPeriod",
    "LedgerParameters",
    "OpeningBalance",
    "PostingProfile",
    "PostingPurpose",
    "TaxCode",
    "TaxRate",
    "TaxRule",
    "TaxTreatment",
    "Voucher",
    "VoucherQuerySet",
]
