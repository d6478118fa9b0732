from .billing import Invoice, InvoiceKind, InvoiceLine, InvoiceProposal, InvoiceTax, ProposalLine, ProposalStatus
from .period import PeriodAlignment, PeriodType
from .price import CostPrice, PriceList, PriceModel, SalesPrice
from .project import (
    Category,
    Coverage,
    LineKind,
    LineProperty,
    LinePropertySetup,
    Project,
    ProjectGroup,
    ProjectKind,
    ProjectQuerySet,
)
from .transaction import Transaction, TransactionSource, TransactionStatus

__all__ = [
    "Category",
    "CostPrice",
    "Coverage",
    "Invoice",
    "InvoiceKind",
    "InvoiceLine",
    "InvoiceProposal",
    "InvoiceTax",
    "LineKind",
    "LineProperty",
    "LinePropertySetup",
    "PeriodAlignment",
    "PeriodType",
    "PriceList",
    "PriceModel",
    "Project",
    "ProjectGroup",
    "ProjectKind",
    "ProjectQuerySet",
    "ProposalLine",
    "ProposalStatus",
    "SalesPrice",
    "Transaction",
    "TransactionSource",
    "TransactionStatus",
]
