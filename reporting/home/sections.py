"""The start page of each role: what needs doing, with the way to it."""

from collections.abc import Callable
from decimal import Decimal

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from orders.listing import deadline_state
from orders.models import Priority, ServiceOrder
from servicemgmt.core.display import MINUS, duration, money, number, zoned
from servicemgmt.core.money import ZERO
from servicemgmt.core.roles import ADMINISTRATOR, DISPATCHER, FINANCE, LABELS, MANAGER, PLANNER, TECHNICIAN
from servicemgmt.core.runs import KINDS

from .numbers import FEW, Numbers
from .parts import Panel, Row, Section, Tile, count, link

WORKING_DAY = 480


def dispatcher(now: Numbers) -> Section:
    orders, requests = now.orders, now.requests
    urgent = requests["urgent"]
    tiles = [
        count(
            _("Open requests"),
            requests["all"],
            link("orders:requests", tab="open"),
            tone="red" if urgent else "blue",
            note=ngettext("%(count)s urgent", "%(count)s urgent", urgent) % {"count": urgent}
            if urgent
            else "",
        ),
        count(
            _("Without technician"),
            orders["unassigned"],
            link("orders:orders", tab="unassigned"),
            tone="orange",
        ),
        count(_("Late"), orders["late"], link("orders:orders", tab="late"), tone="red"),
        count(
            _("SLA exceeded"), orders["sla_late"], link("orders:orders", tab="open", sla="late"), tone="red"
        ),
        count(
            _("SLA due soon"),
            orders["sla_soon"],
            link("orders:orders", tab="open", sla="soon"),
            tone="orange",
        ),
        count(_("On hold"), orders["hold"], link("orders:orders", tab="hold"), tone="purple"),
    ]
    return Section(DISPATCHER, _("Dispatch"), tiles, [calls(now), deadlines(now), load(now)])


def calls(now: Numbers) -> Panel:
    rows = [
        Row(
            call.summary,
            link("orders:request", call.number),
            f"{call.customer.name} · {call.number}",
            call.get_priority_display(),
            {Priority.HIGH: "red", Priority.NORMAL: "yellow"}.get(Priority(call.priority), "green"),
        )
        for call in now.calls
    ]
    return Panel(_("Requests"), _("No call is waiting."), link("orders:requests", tab="open"), rows=rows)


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


def load(now: Numbers) -> Panel:
    """The booked time of the day on which the board opens, as shares of eight hours."""
    bars = []
    for row in now.load:
        minutes = int(row["time"].total_seconds() // 60)
        bars.append(
            {
                "label": row["worker__name"],
                "percent": min(100, minutes * 100 / WORKING_DAY),
                "display": f"{duration(minutes)} · {row['visits']}",
                "tone": "red" if minutes > WORKING_DAY else "",
            }
        )
    url = link("dispatch:board", day=now.board_day.isoformat())
    note = _("booked time · visits")
    title = _("Today on the board")
    if now.board_day != now.today:
        title = _("%(day)s on the board") % {"day": date_format(now.board_day, "l")}
    return Panel(title, _("Nothing is booked today or soon."), url, note, bars=bars)


def technician(now: Numbers) -> Section:
    tile = Tile(
        _("My day"), date_format(now.today, "j M"), link("dispatch:day"), _("Visits, clock and sign-off")
    )
    return Section(TECHNICIAN, _("Own visits"), [tile])


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
        Row(
            f"{KINDS[run.kind].label if run.kind in KINDS else run.kind} {run.pk}",
            link("core:run", run.pk),
            zoned(run.queued_at),
            refusals(run.refused) if run.refused else run.get_status_display(),  # type: ignore[attr-defined]
            "red" if run.refused else "green",  # type: ignore[attr-defined]
        )
        for run in now.postings
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


def manager(now: Numbers) -> Section:
    month = {"service_on_min": now.month_start.isoformat(), "service_on_max": now.today.isoformat()}
    kept = now.kept
    in_time = kept["all"] - kept["late"]
    tiles = [
        margin(now, month),
        Tile(
            _("SLA kept this month"),
            f"{in_time * 100 // kept['all']} %" if kept["all"] else "–",
            link("orders:orders", tab="all", sla="stopped", **month),
            _("%(kept)s of %(all)s in time") % {"kept": number(in_time), "all": number(kept["all"])},
            ("red" if kept["late"] else "green") if kept["all"] else "",
        ),
        count(
            _("SLA exceeded"),
            now.orders["sla_late"],
            link("orders:orders", tab="open", sla="late"),
            tone="red",
        ),
        count(_("Late"), now.orders["late"], link("orders:orders", tab="late"), tone="red"),
        to_post(now),
    ]
    return Section(MANAGER, _("Service at a glance"), tiles, [stages(now), deadlines(now)])


def margin(now: Numbers, month: dict[str, str]) -> Tile:
    """Posted sales less cost of this month's orders, in the company's currency."""
    home = [row for row in now.margins if row["cost_currency"] == now.firm.code]
    sales = sum((row["sum_sales"] or ZERO for row in home), ZERO)
    earned = sales - sum((row["sum_cost"] or ZERO for row in home), ZERO)
    share = f"{round(earned * 100 / sales)} %".replace("-", MINUS) if sales else "–"
    note = _("%(share)s of %(sales)s") % {"share": share, "sales": money(sales, now.firm)}
    url = link("reporting:margin", level="order", **month)
    return Tile(_("Margin this month"), money(earned, now.firm), url, note, "red" if earned < 0 else "")


def stages(now: Numbers) -> Panel:
    most = max((stage.count for stage in now.stages), default=1)  # type: ignore[attr-defined]
    bars = [
        {
            "label": stage.description,
            "percent": Decimal(stage.count) * 100 / most,  # type: ignore[attr-defined]
            "display": number(stage.count),  # type: ignore[attr-defined]
            "url": link("orders:orders", tab="all", progress="IN_PROCESS", stage=stage.pk),
            "tone": {"WORKING": "orange", "PAUSED": "purple", "DONE": "green", "PLANNED": "blue"}.get(
                stage.phase, "gray"
            ),
        }
        for stage in now.stages
    ]
    url = link("orders:orders", tab="all", progress="IN_PROCESS")
    return Panel(_("Orders in process by stage"), _("There are no orders in process."), url, bars=bars)


def administrator(now: Numbers) -> Section:
    people, invitations, failed = list(now.without_factor), now.invitations, now.failed
    tiles = [
        count(
            _("Users without a second factor"), len(people), link("core:users", tab="active"), tone="orange"
        ),
        count(
            _("Open invitations"),
            invitations["open"] + invitations["expired"],
            link("core:invitations", tab="open"),
            note=_("%(count)s expired") % {"count": invitations["expired"]} if invitations["expired"] else "",
        ),
        count(
            _("Failed runs, 30 days"),
            len(failed),
            link("core:runs", status="FAILED", queued_at_min=now.failed_since.isoformat()),
            tone="red",
        ),
    ]
    users = [Row(user.name or user.email, link("core:user", user.pk), user.email) for user in people[:FEW]]
    runs = [
        Row(
            f"{KINDS[run.kind].label if run.kind in KINDS else run.kind} {run.pk}",
            link("core:run", run.pk),
            zoned(run.queued_at),
            _("Failed"),
            "red",
        )
        for run in failed[:FEW]
    ]
    panels = [
        Panel(
            _("Sign in with a password alone"),
            _("Everybody has a second factor."),
            link("core:users", tab="active"),
            rows=users,
        ),
        Panel(_("Failed runs"), _("No run failed."), link("core:runs", status="FAILED"), rows=runs),
    ]
    return Section(ADMINISTRATOR, _("Administration"), tiles, panels)


#: In the order they stand on the page of somebody with several roles.
SECTIONS: dict[str, Callable[[Numbers], Section]] = {
    TECHNICIAN: technician,
    DISPATCHER: dispatcher,
    PLANNER: planner,
    FINANCE: finance,
    MANAGER: manager,
    ADMINISTRATOR: administrator,
}


def sections_for(roles: set[str], now: Numbers) -> list[Section]:
    """The sections of these roles; none for somebody without a role."""
    return [build(now) for role, build in SECTIONS.items() if role in roles and role in LABELS]
