"""The start page of planners."""

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from servicemgmt.core.roles import PLANNER

from ..numbers import FEW, Numbers
from ..parts import Panel, Row, Section, count, link
from .common import to_post, visit


def planner(now: Numbers) -> Section:
    soon = link("agreements:agreements", tab="ending")
    tiles = [
        count(_("Agreements ending within 60 days"), now.ending.count(), soon, tone="orange"),
        to_post(now),
        count(_("Without technician"), now.orders["unassigned"], link("orders:orders", tab="unassigned")),
        count(_("Loaners overdue"), now.loans, link("orders:loans", tab="overdue"), tone="orange"),
    ]
    rows = [
        Row(
            row.description,
            link("agreements:agreement", row.number),
            f"{row.customer.name if row.customer else ''} · {row.number}",
            date_format(row.notice_until, "SHORT_DATE_FORMAT"),
            "red" if row.notice_until < now.today else "",
        )
        for row in now.to_decide[:FEW]
    ]
    panel = Panel(
        _("Agreements to decide about, by the last day for notice"),
        _("No agreement waits for a decision."),
        link("agreements:expiring"),
        rows=rows,
    )
    nobodys = Panel(
        _("Next visits without technician"),
        _("Every visit has somebody."),
        link("orders:orders", tab="unassigned", sort="service_on"),
        rows=[
            visit(
                order,
                date_format(order.service_on, "SHORT_DATE_FORMAT"),
                "red" if order.service_on < now.today else "",
            )
            for order in now.nobodys
        ],
    )
    return Section(PLANNER, _("Agreements and planning"), tiles, [nobodys, panel])
