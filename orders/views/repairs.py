"""Repair lines of an order, and what helped before."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from orders import operations
from orders.forms import RepairForm
from orders.models import Condition, SymptomCode
from orders.queries.repair import suggestions
from servicemgmt.core.web import allow, whole

from .show import find_order, reply


@require_POST
@allow("orders.change_serviceorder")
def repair_add(request: HttpRequest, number: str) -> HttpResponse:
    """A new repair line."""
    order = find_order(request, number)
    form = RepairForm(request.POST, order=order)
    return reply(
        request,
        order,
        lambda: operations.add_repair_line(
            order.pk, version=None, by=request.user, at=timezone.now(), **form.values
        ),
        form=form,
        opened="repair:new",
        done=_("Repair line added."),
    )


@require_POST
@allow("orders.change_serviceorder")
def repair_change(request: HttpRequest, number: str, pk: int) -> HttpResponse:
    """Change a repair line read at its version."""
    order = find_order(request, number)
    line = get_object_or_404(order.repair_lines, pk=pk)
    form = RepairForm(request.POST, instance=line, order=order)
    return reply(
        request,
        order,
        lambda: operations.change_repair_line(
            pk, version=form.version, by=request.user, at=timezone.now(), **form.values
        ),
        form=form,
        opened=f"repair:{pk}",
        done=_("Repair line saved."),
    )


@require_POST
@allow("orders.change_serviceorder")
def repair_remove(request: HttpRequest, number: str, pk: int) -> HttpResponse:
    """Take a repair line away."""
    order = find_order(request, number)
    get_object_or_404(order.repair_lines, pk=pk)
    return reply(
        request,
        order,
        lambda: operations.remove_repair_line(pk, by=request.user),
        done=_("Repair line removed."),
    )


@require_GET
@allow("orders.view_serviceorder", "dispatch.work_own_day")
def repair_suggestions(request: HttpRequest) -> HttpResponse:
    """RP-05: what helped with a symptom before, as a region of the repair form."""
    symptom = SymptomCode.objects.filter(pk=whole(request.GET.get("symptom"))).first()
    condition = Condition.objects.filter(pk=whole(request.GET.get("condition"))).first()
    found = suggestions(symptom, condition) if symptom else []
    return render(request, "orders/parts/suggestions.html", {"suggestions": found, "symptom": symptom})
