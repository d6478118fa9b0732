"""What the sections of several roles show."""

from django.utils.translation import gettext as _

from orders.listing import deadline_state
from orders.models import ServiceOrder
from servicemgmt.core.display import zoned
from servicemgmt.core.models import Run
from servicemgmt.core.runs import KINDS

from ..numbers import Numbers
from ..parts import Panel, Row, Tile, count, link


def visit(order: ServiceOrder, end: str, tone: str = "") -> Row:
    return Row(
        order.description,
        link("orders:order", order.number),
        f"{order.customer.name} · {order.number}",
        end,
        tone,
    )


def to_post(now: Numbers) -> Tile:
    url = link("orders:orders", tab="post")
    return count(_("Signed, not posted"), now.orders["to_post"], url, tone="blue", note=_("orders"))


def deadlines(now: Numbers) -> Panel:
    rows = [
        visit(
            order,
            zoned(order.deadline, order.site.time_zone),
            deadline_state(order.sla_status, order.deadline, None, now.at)[0],
        )
        for order in now.deadlines
    ]
    url = link("orders:orders", tab="open", sort="deadline")
    return Panel(_("SLA clocks that end first"), _("No SLA clock is running."), url, rows=rows)


def run_row(run: Run, end: str, tone: str) -> Row:
    """A run with its kind and since when it is there."""
    kind = KINDS[run.kind].label if run.kind in KINDS else run.kind
    return Row(f"{kind} {run.pk}", link("core:run", run.pk), zoned(run.queued_at), end, tone)
