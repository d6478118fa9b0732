"""The start page of managers."""

from decimal import Decimal

from django.utils.translation import gettext as _

from servicemgmt.core.display import MINUS, money, number
from servicemgmt.core.money import ZERO
from servicemgmt.core.roles import MANAGER

from ..numbers import Numbers
from ..parts import Panel, Section, Tile, count, link
from .common import deadlines, to_post


def manager(now: Numbers) -> Section:
    month = {"service_on_after": now.month_start.isoformat(), "service_on_before": now.today.isoformat()}
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
