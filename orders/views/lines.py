"""Lines of an order, in place on its page."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from orders import operations
from orders.forms import LineForm
from servicemgmt.core.web import allow
from servicemgmt.projects.models import LineKind

from .opened import sees_cost
from .show import find_order, refused_only, reply


@require_POST
@allow("orders.change_serviceorder")
def line_add(request: HttpRequest, number: str, kind: str) -> HttpResponse:
    """A new line of that type."""
    order = find_order(request, number)
    if kind not in LineKind.values:
        return refused_only(request, order)
    form = LineForm(request.POST, order=order, kind=kind, sees_cost=sees_cost(request))
    return reply(
        request,
        order,
        lambda: operations.add_line(
            order.pk, version=None, by=request.user, at=timezone.now(), kind=kind, **form.values
        ),
        form=form,
        opened=f"add:{kind}",
        done=_("Line added."),
    )


@require_POST
@allow("orders.change_serviceorder")
def line_change(request: HttpRequest, number: str, pk: int) -> HttpResponse:
    """Change a line read at its version."""
    order = find_order(request, number)
    line = get_object_or_404(order.lines, pk=pk)
    form = LineForm(request.POST, instance=line, order=order, sees_cost=sees_cost(request))
    return reply(
        request,
        order,
        lambda: operations.change_line(
            pk, version=form.version, by=request.user, at=timezone.now(), **form.values
        ),
        form=form,
        opened=f"line:{pk}",
        done=_("Line saved."),
    )


@require_POST
@allow("orders.change_serviceorder")
def line_cancel(request: HttpRequest, number: str, pk: int) -> HttpResponse:
    """Created → Cancelled."""
    order = find_order(request, number)
    line = get_object_or_404(order.lines, pk=pk)
    return reply(
        request,
        order,
        lambda: operations.cancel_line(line.pk, version=line.version, by=request.user, at=timezone.now()),
        done=_("Line cancelled."),
    )


@require_POST
@allow("orders.change_serviceorder")
def line_revoke(request: HttpRequest, number: str, pk: int) -> HttpResponse:
    """Cancelled → Created."""
    order = find_order(request, number)
    line = get_object_or_404(order.lines, pk=pk)
    return reply(
        request,
        order,
        lambda: operations.revoke_line(line.pk, version=line.version, by=request.user, at=timezone.now()),
        done=_("The line counts again."),
    )
