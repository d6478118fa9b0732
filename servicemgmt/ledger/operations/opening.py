"""Opening balances: what the accounts held before the ledger began here, as one voucher a fiscal year."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy

from servicemgmt.core.audit import record, subject_of
from servicemgmt.core.bulk import take_keys
from servicemgmt.core.display import money
from servicemgmt.core.errors import Invalid, Refused, Sentence, refusing
from servicemgmt.core.models import User
from servicemgmt.core.money import MOST_AMOUNT, ZERO, round_money
from servicemgmt.masterdata.models import Currency
from servicemgmt.masterdata.queries import company

from ..days import LedgerDays
from ..models import Account, OpeningBalance, PostingProfile, PostingPurpose, Voucher
from .posting import VoucherDraft, VoucherLine, post_vouchers, reversed_lines


@dataclass(frozen=True, slots=True)
class OpeningLine:
    """What one account opens with, in company currency: debit or credit, the other zero."""

    account: Account
    debit: Decimal = ZERO
    credit: Decimal = ZERO
    text: str = ""

    @property
    def amount(self) -> Decimal:
        return self.debit - self.credit


def check_opening(lines: Sequence[OpeningLine], currency: Currency) -> None:
    """Raises Refused where the lines cannot be posted as one voucher: none, too exact, too large, or out of balance."""
    if not any(line.amount for line in lines):
        raise Refused(_("Enter what at least two accounts open with."))
    refuse_kept(lines)
    for line in lines:
        if line.debit < 0 or line.credit < 0 or (line.debit and line.credit):
            raise Invalid(
                _("%(account)s: enter a debit or a credit, above zero.") % {"account": line.account}
            )
        if round_money(line.amount, currency.digits) != line.amount or abs(line.amount) > MOST_AMOUNT:
            raise Invalid(
                _("%(account)s: %(amount)s is no amount in %(currency)s.")
                % {"account": line.account, "amount": line.amount, "currency": currency.code}
            )
    off = sum((line.amount for line in lines), ZERO)
    if off:
        side = _("more debit than credit") if off > 0 else _("more credit than debit")
        raise Refused(
            _("The opening does not balance: %(amount)s %(side)s.")
            % {"amount": money(abs(off), currency), "side": side}
        )


#: Purposes that rows of their own are kept for, with which the ledger must agree: why they have no opening here,
#: and on which purpose's account their total is entered instead.
KEPT: dict[str, tuple[Sentence, str]] = {
    PostingPurpose.RECEIVABLE: (
        _lazy("what customers owe is entered document by document, under Open items, Opening items."),
        PostingPurpose.OPENING_ITEMS,
    ),
    PostingPurpose.STOCK: (
        _lazy("what is in stock is entered item by item, as receipts."),
        PostingPurpose.STOCK_OFFSET,
    ),
    PostingPurpose.ON_ACCOUNT: (
        _lazy("what was invoiced on account is kept by project and invoice, and has no opening balance."),
        "",
    ),
    PostingPurpose.WIP_SUBSCRIPTION: (
        _lazy("deferred revenue is kept by line of its invoice, and has no opening balance."),
        "",
    ),
}


def refuse_kept(lines: Sequence[OpeningLine]) -> None:
    """Refused for an account that a sub-ledger is kept on: there the ledger must equal the sub-ledger's rows."""
    profile = PostingProfile.objects.filter(purpose__in=KEPT).values_list("account", "purpose")
    kept = dict(profile)
    for line in lines:
        if line.account.pk not in kept:
            continue
        why, instead = KEPT[kept[line.account.pk]]
        sentence = f"{line.account}: {why}"
        if instead:
            other = PostingPurpose(instead).label
            sentence += " " + _("Enter its total here on the account of the purpose “%(purpose)s”.") % {
                "purpose": other
            }
        raise Refused(sentence)


@transaction.atomic
def post_opening(lines: Sequence[OpeningLine], *, on: date, text: str, by: User | None) -> OpeningBalance:
    """Post what the accounts open with as one voucher dated `on` (a company-zone ledger date), in company currency.

    The fiscal year is the calendar year of the voucher. Raises Refused where the lines do not balance, the year has an
    opening that is not reversed, or the date lies in a closed period (see LedgerParameters); Invalid for a line that
    is no amount.
    """
    currency = company().currency
    check_opening(lines, currency)
    (key,) = take_keys(Voucher, 1)
    year = LedgerDays.read().of(on).year
    with refusing(
        openingbalance_once_per_year=_("%(year)s has opening balances already. Reverse them first.")
        % {"year": year}
    ):
        made = OpeningBalance.objects.create(year=year, voucher_id=key)
    draft = VoucherDraft(
        on=on,
        text=text or _("Opening balances %(year)s") % {"year": year},
        source="opening",
        currency=currency,
        lines=[VoucherLine(line.account, line.amount, line.amount, text=line.text) for line in lines],
        subject=subject_of(made),
        label=_("Opening %(year)s") % {"year": year},
        key=key,
    )
    (voucher,) = post_vouchers([draft], by=by)
    record("opening_posted", made, by=by, changes={"voucher": [None, voucher.number]}, label=str(year))
    return made


@transaction.atomic
def reverse_opening(opening_id: int, *, by: User) -> OpeningBalance:
    """Take the opening balances of a year back with a reversing voucher of the same date, so that others can be posted.

    Raises Refused where they are reversed already and where their date lies in a closed period (or moves it,
    by setting).
    """
    opening = OpeningBalance.objects.select_for_update(of=("self",), no_key=True).get(pk=opening_id)
    if opening.reversal_id:
        raise Refused(_("The opening balances of %(year)s are reversed already.") % {"year": opening.year})
    voucher = opening.voucher
    (key,) = take_keys(Voucher, 1)
    opening.reversal_id = key
    opening.save(update_fields=["reversal"])
    draft = VoucherDraft(
        on=voucher.posted_on,
        text=_("Reversal of %(text)s") % {"text": voucher.text},
        source=voucher.source,
        currency=voucher.currency,
        lines=reversed_lines(voucher),
        subject=subject_of(opening),
        label=voucher.subject_label,
        key=key,
        reverses=voucher,
    )
    (reversal,) = post_vouchers([draft], by=by)
    record(
        "opening_reversed", opening, by=by, changes={"voucher": [voucher.number, reversal.number]},
        label=str(opening.year),
    )  # fmt: skip
    return opening
