"""What work descriptions (RE-02) and work receipts (RE-03) show."""

from datetime import date
from typing import Any

from django.db.models import QuerySet

from orders.models import RepairLine, ServiceOrder, SignOff
from orders.printed import printed
from orders.queries.boms import objects_with_boms
from orders.queries.detail import order_with_all
from servicemgmt.core.models import User
from servicemgmt.core.strokes import svg_box, svg_paths
from servicemgmt.masterdata.models import Team
from servicemgmt.masterdata.queries import company

from .currency import PrintedCurrency
from .lines import charged_total, groups_of


def orders_to_print(user: User) -> QuerySet[ServiceOrder]:
    """The orders whose papers this user may have: those he may see."""
    return order_with_all(ServiceOrder.objects.visible_to(user))


def may_show_prices(user: User) -> bool:
    """Sales prices on a receipt: for the office, and for technicians of a team that shows them."""
    return user.has_perm("projects.view_transaction") or (
        Team.objects.filter(members__user=user, shows_prices=True).exists()
    )


def description_of(orders: list[ServiceOrder], *, with_notes: bool) -> dict[str, Any]:
    """Context of work descriptions: one order a page, with or without the notes for the technician."""
    firm = company()
    papers = [description(order) for order in orders]
    return {"company": firm, "papers": papers, "with_notes": with_notes, "page_size": firm.page_size}


def description(order: ServiceOrder) -> dict[str, Any]:
    """What the description of one order shows; of repairs only the open ones."""
    return {
        "order": order,
        "zone": order.site.time_zone,
        "groups": groups_of(order),
        "crew": order.assignments.select_related("worker").order_by("-is_lead", "worker__name"),
        "objects": objects_with_boms(order),
        "repairs": repairs_of(order).filter(finished_at__isnull=True),
    }


def repairs_of(order: ServiceOrder) -> QuerySet[RepairLine]:
    return order.repair_lines.select_related(
        "object_relation__service_object", "condition", "symptom__area", "diagnosis__area", "resolution",
        "stage", "worker",
    )  # fmt: skip


def receipt_of(order: ServiceOrder, *, with_prices: bool) -> dict[str, Any]:
    """Context of a work receipt: what was done, in the customer's language, and who confirmed it. Never a cost.

    Names and addresses are those of the valid sign-off, today's where there is none.
    """
    signed = valid_sign_off(order)
    around = (signed.printed if signed else None) or printed(order)
    groups = groups_of(order)
    return around | {
        "order": order,
        "language": order.customer.language,
        "zone": around["site"]["zone"],
        "service_on": date.fromisoformat(around["service_on"]),
        "currency": PrintedCurrency(**around["currency"]),
        "page_size": around["company"]["page_size"],
        "groups": groups,
        "repairs": repairs_of(order),
        "with_prices": with_prices,
        "total": charged_total(groups),
        "signature": drawn(signed or order.sign_offs.select_related("taken_by").order_by("-pk").first()),
    }


def valid_sign_off(order: ServiceOrder) -> SignOff | None:
    rows: QuerySet[SignOff] = order.sign_offs.select_related("taken_by", "order")
    return rows.filter(voided_at__isnull=True).first()


def drawn(row: SignOff | None) -> dict[str, Any] | None:
    """A signature as paths; None where nobody signed."""
    return {"row": row, "paths": svg_paths(row.strokes), "box": svg_box(row.strokes)} if row else None
