from .account import Account, PostingProfile, PostingPurpose
from .period import FiscalPeriod
from .tax import TaxCode, TaxRate, TaxRule, TaxTreatment
from .voucher import Entry, Voucher

__all__ = [
    "Account",
    "Entry",
    "FiscalPeriod",
    "PostingProfile",
    "PostingPurpose",
    "TaxCode",
    "TaxRate",
    "TaxRule",
    "TaxTreatment",
    "Voucher",
]
