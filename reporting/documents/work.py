"""What work descriptions (RE-02) and work receipts (RE-03) show."""

from typing import Any

from django.db.models import QuerySet

from orders.models import ServiceOrder, SignOff
from orders.queries.detail import order_with_all
from orders.strokes import svg_box, svg_paths
from servicemgmt.core.models import User
from servicemgmt.masterdata.models import Team
from servicemgmt.masterdata.queries import company

from .lines import charged_total, groups_of


def orders_to_print(user: User) -> QuerySet[ServiceOrder]:
    """The orders whose papers this user may have: those he may see."""
    return order_with_all(ServiceOrder.objects.visible_to(user))


def may_show_prices(user: User) -> bool:
    """Sales prices on a receipt: for the office, and for technicians of a team that shows them."""
    return user.has_perm("projects.view_transaction") or (
        Team.objects.filter(members__user=user, shows_prices=True).exists()
    )


def paper(order: ServiceOrder) -> dict[str, Any]:
    """What both documents of an order share."""
    return {
        "order": order,
        "zone": order.site.time_zone,
        "groups": groups_of(order),
        "crew": order.assignments.select_related("worker").order_by("-is_lead", "worker__name"),
        "objects": order.object_relations.select_related("service_object__item"),
        "repairs": order.repair_lines.select_related(
            "object_relation__service_object",
            "condition",
            "symptom__area",
            "diagnosis__area",
            "resolution",
            "stage",
            "worker",
        ),
    }


def description_of(orders: list[ServiceOrder], *, with_notes: bool) -> dict[str, Any]:
    """Context of work descriptions: one order a page, with or without the notes for the technician."""
    firm = company()
    papers = [paper(order) for order in orders]
    for sheet in papers:
        sheet["repairs"] = sheet["repairs"].filter(finished_at__isnull=True)
    return {"company": firm, "papers": papers, "with_notes": with_notes, "page_size": firm.page_size}


def receipt_of(order: ServiceOrder, *, with_prices: bool) -> dict[str, Any]:
    """Context of a work receipt: what was done, in the customer's language, and who confirmed it. Never a cost."""
    firm = company()
    sheet = paper(order)
    return sheet | {
        "company": firm,
        "customer": order.customer,
        "with_prices": with_prices,
        "currency": order.project.currency if order.project else firm.currency,
        "total": charged_total(sheet["groups"]),
        "signature": signature_of(order),
        "language": order.customer.language,
        "page_size": firm.page_size,
    }


def signature_of(order: ServiceOrder) -> dict[str, Any] | None:
    """The valid sign-off, else the last one that was voided, drawn as paths; None where nobody signed."""
    rows: QuerySet[SignOff] = order.sign_offs.select_related("taken_by")
    row = rows.filter(voided_at__isnull=True).first() or rows.order_by("-pk").first()
    return {"row": row, "paths": svg_paths(row.strokes), "box": svg_box(row.strokes)} if row else None
