"""The start page of finance."""

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from servicemgmt.core.display import money, number, zoned
from servicemgmt.core.roles import FINANCE

from ..numbers import Numbers
from ..parts import Panel, Section, count, link
from .common import run_row, to_post, visit


def finance(now: Numbers) -> Section:
    waiting = now.to_invoice
    amounts = " + ".join(money(row["amount"], row["currency__code"]) for row in waiting[:3])
    tiles = [
        to_post(now),
        count(
            _("To invoice"),
            sum(row["rows"] for row in waiting),
            link("projects:transactions", tab="to-invoice"),
            tone="blue",
            note=amounts,
        ),
        count(_("Draft proposals"), now.drafts, link("projects:proposals", tab="drafts"), tone="orange"),
        count(_("Fees to invoice"), now.fees, link("subscriptions:fees", tab="open"), tone="blue"),
    ]
    rows = [
        run_row(
            run, refusals(refused) if refused else run.get_status_display(), "red" if refused else "green"
        )
        for run in now.postings
        for refused in [run.refused]  # type: ignore[attr-defined]
    ]
    runs = Panel(_("Last posting runs"), _("Nothing was posted by a run yet."), link("core:runs"), rows=rows)
    return Section(FINANCE, _("Finance"), tiles, [signed(now), runs])


def signed(now: Numbers) -> Panel:
    """The orders that wait for posting, the longest waiting first, with the day they were signed."""
    rows = [
        visit(order, zoned(order.signed_off_at, now.zone.key, "SHORT_DATE_FORMAT")) for order in now.waiting
    ]
    url = link("orders:orders", tab="post", sort="service_on")
    return Panel(_("To post, longest signed first"), _("Every signed order is posted."), url, rows=rows)


def refusals(refused: int) -> str:
    return ngettext("%(count)s refused", "%(count)s refused", refused) % {"count": number(refused)}
