"""Items reserved for an order."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from orders import operations
from orders.forms import OrderRequireForm
from servicemgmt.core.audit import subject_of
from servicemgmt.core.web import allow, version_of
from servicemgmt.projects.models import ItemRequirement

from .show import find_order, reply


@require_POST
@allow("projects.add_itemrequirement")
def requirement_add(request: HttpRequest, number: str) -> HttpResponse:
    """Reserve an item for the order."""
    order = find_order(request, number)
    form = OrderRequireForm(request.POST)
    return reply(
        request,
        order,
        lambda: operations.require_on_order(order.pk, **form.cleaned_data, by=request.user),
        form=form,
        opened="require",
        done=_("The item is reserved."),
    )


@require_POST
@allow("projects.delete_itemrequirement")
def requirement_remove(request: HttpRequest, number: str, pk: int) -> HttpResponse:
    """Delete a requirement that is only reserved."""
    order = find_order(request, number)
    get_object_or_404(ItemRequirement.objects.of(subject_of(order)), pk=pk)
    return reply(
        request,
        order,
        lambda: operations.drop_requirement(order.pk, pk, version=version_of(request), by=request.user),
        done=_("The requirement is deleted."),
    )
