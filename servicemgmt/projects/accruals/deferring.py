"""What invoices and credit notes defer: the slices of their lines and the entries that go with them.

Called by the posting of proposals, inside its transaction. `plan_deferrals` reads and locks, `write_deferrals` writes.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from itertools import groupby

from django.utils.translation import gettext as _

from servicemgmt.core.audit import subject_of
from servicemgmt.core.bulk import take_keys
from servicemgmt.core.errors import Refused
from servicemgmt.core.money import Rounding
from servicemgmt.core.periods import Period
from servicemgmt.ledger.days import LedgerDays
from servicemgmt.ledger.models import Account, PostingPurpose, Voucher
from servicemgmt.ledger.operations import VoucherDraft, VoucherLine
from servicemgmt.ledger.queries import Profile, account_in, posting_profile

from ..billing.invoicing import Document
from ..billing.lines import PostedLine, Proposed
from ..models import (
    AccrualKind,
    AccrualPosting,
    AccrualReversal,
    AccrualRule,
    AccrualSlice,
    Invoice,
    SliceStatus,
)
from .families import Family, families_of
from .recognising import postings_of, recognised, recognition_lines
from .slicing import slices_of, taken

ONE_DAY = timedelta(days=1)

#: SB-22: the balance account that revenue waits on, and the income account that it is taken from until it is earned.
PURPOSES = (PostingPurpose.WIP_SUBSCRIPTION, PostingPurpose.ACCRUED_SUBSCRIPTION)


@dataclass(frozen=True, slots=True)
class TakenBack:
    """Recognised slices that a credit note takes back on a day, with the key that their voucher gets."""

    note: Invoice
    on: date
    slices: list[AccrualSlice]
    key: int

    def draft(self) -> VoucherDraft:
        names = {"number": self.note.number, "customer": self.note.customer.name}
        return VoucherDraft(
            on=self.on,
            text=_("Accruals taken back by %(number)s, %(customer)s") % names,
            source="accruals",
            currency=self.note.currency,
            lines=recognition_lines(self.slices),
            subject=subject_of(self.note),
            label=self.note.number,
            key=self.key,
        )


@dataclass(slots=True)
class Deferrals:
    """What posting some documents does to deferred revenue, not written yet."""

    entries: dict[int, list[VoucherLine]] = field(default_factory=dict)
    slices: list[AccrualSlice] = field(default_factory=list)
    postings: list[AccrualPosting] = field(default_factory=list)
    back: list[TakenBack] = field(default_factory=list)
    cancelled: list[AccrualSlice] = field(default_factory=list)

    def of(self, document: Document) -> list[VoucherLine]:
        """The lines that the document's own voucher gets: what it defers, or gives back of that."""
        return self.entries.get(document.invoice.pk, [])

    def drafts(self) -> list[VoucherDraft]:
        """The vouchers besides the documents' own; the notes have their numbers by now."""
        return [taken_back.draft() for taken_back in self.back]


def barred(lines: Mapping[int, Sequence[Proposed]]) -> dict[int, str]:
    """Why the accruals of proposals forbid posting them, by proposal; given their lines. Locks the credited slices.

    SB-22: the posting profile must have the accounts of what is deferred. SB-23, mode MANUAL: every recognised slice
    of what is credited must be reversed by hand before.
    """
    found = unreversed(line.credits_id for of_proposal in lines.values() for line in of_proposal)
    is_deferred = any(line.accrual_rule_id for rows in lines.values() for line in rows)
    profile = posting_profile() if is_deferred else {}
    sentences: dict[int, str] = {}
    for key, of_proposal in lines.items():
        for line in of_proposal:
            if line.credits_id in found:
                sentences[key] = found[line.credits_id]
            elif line.credits_id is None and line.accrual_rule_id:
                try:
                    _accounts(profile, line.category_code)
                except Refused as refusal:
                    sentences[key] = str(refusal)
    return sentences


def unreversed(lines: Iterable[int | None]) -> dict[int, str]:
    """The invoice lines whose rule wants recognised slices reversed by hand, and are not: with what to say. Locks."""
    keys = {key for key in lines if key}
    if not keys:
        return {}
    rows = (
        AccrualSlice.objects.select_for_update(of=("self",), no_key=True)
        .filter(line__in=keys, rule__reversal=AccrualReversal.MANUAL)
        .select_related("transaction__category")
        .order_by("pk")
    )
    sentence = _("Revenue of “%(text)s” is recognised already: take its accruals back first, then credit it.")
    return {
        row.line_id: sentence % {"text": row.transaction.text or row.transaction.category}
        for row in rows
        if row.status == SliceStatus.POSTED
    }


def plan_deferrals(documents: Sequence[Document], *, home_digits: int) -> Deferrals:
    """The slices and entries of documents about to be posted.

    An invoice defers each line with a rule in full and cuts it into slices; a credit note gives the deferral back and
    cuts the slices in step (billing-rules 62). What was recognised of them is taken back in vouchers of its own, dated
    as the rule says (49, SB-23); slices of which nothing is left are cancelled. Locks the slices that are cut.
    """
    found = Deferrals()
    invoices = [document for document in documents if not document.invoice.credits]
    notes = [document for document in documents if document.invoice.credits]
    deferred = [(d, line) for d in invoices for line in d.lines if line.accrual_rule_id]
    profile = posting_profile() if deferred else {}
    rules = AccrualRule.objects.in_bulk({line.accrual_rule_id for _document, line in deferred})
    for document, line in deferred:
        rule = rules[line.accrual_rule_id or 0]
        slices = _slices(line, rule, document, profile, home_digits)
        _defer(found, document, line, slices, AccrualKind.DEFERRED)
    families = families_of(line.credits_id for note in notes for line in note.lines)
    for note in notes if families else ():
        back: list[tuple[Family, AccrualSlice]] = []
        for line in note.lines:
            of_line = families.get(line.credits_id or 0)
            if of_line:
                made = _cuts(line, of_line, note.invoice.currency.digits, home_digits)
                _defer(found, note, line, made, AccrualKind.CREDITED)
                back += [pair for pair in zip(of_line, made, strict=True) if _takes_back(*pair)]
        _take_back(found, note, back)
    found.cancelled = [row for of_line in families.values() for family in of_line for row in family.cancel()]
    return found


def write_deferrals(deferrals: Deferrals) -> None:
    """Write what was planned, after the documents and before or after their vouchers."""
    if deferrals.slices:
        AccrualSlice.objects.bulk_create(deferrals.slices)
        AccrualPosting.objects.bulk_create(deferrals.postings, batch_size=1000)
    saved = [row.pk for row in deferrals.cancelled]
    if saved:
        AccrualSlice.objects.filter(pk__in=saved).update(status=SliceStatus.CANCELLED)


def _accounts(profile: Profile, category_code: str) -> tuple[Account, Account]:
    """The balance account and the revenue account of a line's deferral, by its category."""
    deferred, revenue = (account_in(profile, purpose, category_code) for purpose in PURPOSES)
    return deferred, revenue


def _slices(
    line: PostedLine, rule: AccrualRule, document: Document, profile: Profile, home_digits: int
) -> list[AccrualSlice]:
    days = line.service_period
    assert days
    deferred, revenue = _accounts(profile, line.category_code)

    def sliced(total: Decimal, digits: int) -> list[tuple[Period, Decimal]]:
        span = Period(days.lower, days.upper - ONE_DAY)
        parts = slices_of(
            total,
            span,
            unit=rule.unit,
            method=rule.method,
            rounding=Rounding(rule.rounding),
            digits=digits,
        )
        return [(part.days, part.amount) for part in parts]

    in_document = sliced(line.net, document.invoice.currency.digits)
    at_home = sliced(line.company_net, home_digits)
    return [
        AccrualSlice(
            transaction_id=line.transaction_id,
            line_id=line.id,
            rule=rule,
            starts_on=span.start,
            ends_on=span.end,
            amount=amount,
            company_amount=company_amount,
            deferred_account=deferred,
            revenue_account=revenue,
        )
        for (span, amount), (_span, company_amount) in zip(in_document, at_home, strict=True)
    ]


def _cuts(line: PostedLine, families: Sequence[Family], digits: int, home_digits: int) -> list[AccrualSlice]:
    """What a line of a credit note takes from each slice of the line it credits, in the same order."""
    amounts = taken([f.first.amount for f in families], [f.cut for f in families], line.net, digits=digits)
    company_amounts = taken(
        [f.first.company_amount for f in families],
        [f.company_cut for f in families],
        line.company_net,
        digits=home_digits,
    )
    return [
        family.add_cut(line.id, amount, company_amount)
        for family, amount, company_amount in zip(families, amounts, company_amounts, strict=True)
    ]


def _defer(
    found: Deferrals, document: Document, line: PostedLine, slices: list[AccrualSlice], kind: AccrualKind
) -> None:
    """Dr accrued revenue / Cr deferred revenue, the whole line; a credit's negative line turns it round (SB-17)."""
    found.slices += slices
    first, subject = slices[0], f"transaction:{line.transaction_id}"
    found.entries.setdefault(document.invoice.pk, []).extend(
        VoucherLine(account, sign * line.net, sign * line.company_net, text=line.text, subject=subject)
        for account, sign in ((first.revenue_account, 1), (first.deferred_account, -1))
    )
    found.postings.append(
        AccrualPosting(
            transaction_id=line.transaction_id,
            line_id=line.id,
            kind=kind,
            meant_on=document.invoice.invoice_date,
            amount=line.net,
            company_amount=line.company_net,
            voucher_id=document.invoice.voucher_id,
        )
    )


def _takes_back(family: Family, row: AccrualSlice) -> bool:
    return family.first.status == SliceStatus.POSTED and not row.is_nothing


def _take_back(found: Deferrals, note: Document, back: Sequence[tuple[Family, AccrualSlice]]) -> None:
    """Vouchers that take back what was recognised of the credited slices, one for each date (SB-23)."""
    if not back:
        return
    calendar = LedgerDays.read()
    dated = sorted(
        ((_reversal_day(family.first, note, calendar), row) for family, row in back),
        key=lambda pair: (pair[0], pair[1].ends_on),
    )
    for on, group in groupby(dated, key=lambda pair: pair[0]):
        rows = [row for _on, row in group]
        key = take_keys(Voucher, 1)[0]
        recognised(rows, key)
        found.postings += postings_of(rows, AccrualKind.REVERSED)
        found.back.append(TakenBack(note.invoice, on, rows, key))


def _reversal_day(row: AccrualSlice, note: Document, calendar: LedgerDays) -> date:
    """SB-23: the day the slice was recognised on, if its period is still open and the rule says so; else the note's."""
    day = row.voucher.posted_on if row.voucher else None
    if day and row.rule.reversal == AccrualReversal.ORIGINAL_DATES and calendar.opened(day) == day:
        return day
    return note.invoice.invoice_date
