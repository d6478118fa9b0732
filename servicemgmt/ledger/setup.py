"""The masters of the ledger, and the things of it that the audit trail knows."""

from collections.abc import Callable

from django.utils.translation import gettext_lazy as _

from servicemgmt.core import search
from servicemgmt.core.audit import register_subject
from servicemgmt.core.errors import Invalid
from servicemgmt.core.models import User
from servicemgmt.core.setup import Child, Setup, register

from .models import Account, LedgerParameters, PostingProfile, TaxCode, TaxRate, TaxRule

LEDGER, TAXES = _("Ledger"), _("Taxes")
#: Whether there is a category of that code; the app that keeps the categories adds how to find them.
CATEGORY_EXISTS: list[Callable[[str], bool]] = []


def check_profile(row: PostingProfile, by: User | None) -> None:
    """Invalid for a category that there is not: its amounts would go to the account without one, unnoticed."""
    code = row.category_code
    if code and not any(exists(code) for exists in CATEGORY_EXISTS):
        raise Invalid(str(_("There is no category %(code)s.")) % {"code": code}, field="category_code")


register(
    Setup(
        Account,
        section=LEDGER,
        fields=["code", "description", "kind"],
        help=_("The chart of accounts. An account that was posted to can be ended, not deleted."),
    )
)
register(
    Setup(
        PostingProfile,
        section=LEDGER,
        fields=["purpose", "category_code", "account"],
        clean=check_profile,
        help=_(
            "Which account takes which amounts. A row with a category's code goes before the one without."
        ),
        sentences={"postingprofile_once": _("There is a row for this purpose and category already.")},
    )
)
register(
    Setup(
        LedgerParameters,
        section=LEDGER,
        fields=["closed_periods"],
        single=True,
        can_delete=False,
        help=_(
            "What happens to a posting whose date lies in a closed fiscal period. A moved voucher shows "
            "the date it was meant for; documents keep their own date."
        ),
    )
)
register(
    Setup(
        TaxCode,
        section=TAXES,
        fields=["code", "description", "treatment", "printed_reason"],
        help=_(
            "Ways of being taxed, each with its rates by date. Only what is taxed takes a rate above nothing; "
            "for the others the reason is printed why no tax is charged."
        ),
        children=[Child(TaxRate, fields=["valid_from", "percent"])],
        sentences={
            "taxrate_once_per_day": _("There are two rates from the same day."),
            "taxrate_between_nothing_and_all": _("A rate lies between 0 and 100 percent."),
            "taxrate_only_where_taxed": _(
                "Only what is taxed takes a rate above 0 percent. Choose that treatment, or take the rates away."
            ),
        },
    )
)
register(
    Setup(
        TaxRule,
        section=TAXES,
        fields=["customer_group", "item_group", "valid_from", "code"],
        help=_("Which tax code a customer group pays on an item group, from a day on."),
        sentences={"taxrule_once_per_cell_and_day": _("This cell has a tax code from that day already.")},
        default_sort="customer_group__description",
    )
)

register_subject(
    "voucher", permission="ledger.view_voucher", view="ledger:voucher", key="number", label=_("Voucher")
)
register_subject(
    "fiscalperiod",
    permission="ledger.view_fiscalperiod",
    url=lambda pk: ("ledger:periods", []),
    label=_("Fiscal period"),
)
register_subject(
    "openingbalance",
    permission="ledger.view_openingbalance",
    url=lambda pk: ("ledger:openings", []),
    label=_("Opening balances"),
)
search.register(
    Account, label=_("Accounts"), permission="ledger.view_account", search=["code", "description"]
)
