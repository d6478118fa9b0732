"""Posting orders: what will be posted and what not, then the run; and taking it back."""

from collections.abc import Sequence
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from orders.forms import PostingForm, ReturnPartForm
from orders.models import ServiceOrder, ServiceOrderLine
from orders.posting import PlannedLine, plan_posting, return_part, start_posting, undo_posting
from orders.queries.posting import open_lines, orders_to_post, waiting
from servicemgmt.core.errors import Refused
from servicemgmt.core.web import allow, page, ticked, traceless, version_of
from servicemgmt.masterdata.queries import company
from servicemgmt.projects.models import LineKind
from servicemgmt.projects.operations import pieces_out

from .show import find_order, reply

#: How many lines the preview plans and shows; the run posts all.
SHOWN = 300
#: The preview of parameters that cannot be read.
NOTHING: dict[str, Any] = {"planned": [], "hidden": 0, "postable": 0, "refused": 0, "order_count": 0}


@require_GET
@allow("orders.post_serviceorder")
def post(request: HttpRequest) -> HttpResponse:
    """The preview: every line with what it will be posted as, or why not. Nothing is written."""
    form = PostingForm(asked(request))
    context = {"form": form, "title": _("Post service orders")} | (
        preview(form) if form.is_valid() else NOTHING
    )
    status = 422 if form.errors else 200
    return page(request, "orders/post.html", context, regions=["preview"], status=status)


def asked(request: HttpRequest) -> dict[str, Any]:
    """The parameters of the address; all four types unless some are ticked."""
    given: dict[str, Any] = request.GET.dict()
    given["kinds"] = request.GET.getlist("kinds") or LineKind.values
    given["lines"] = ",".join(request.GET.getlist("lines"))
    return given


def preview(form: PostingForm) -> dict[str, Any]:
    """The plan that the run will make, of the first orders; the lines of the others are only counted."""
    asked = default_to_signed(form.parameters)
    chosen = {"kinds": asked["kinds"], "chosen": asked.get("lines")}
    lines = open_lines(orders_to_post(asked).values("pk"), **chosen)
    first = set(lines.values_list("order_id", flat=True)[:SHOWN])
    planned = plan_posting(first, **chosen)
    good = [entry for entry in planned if entry.is_postable]
    others = waiting(lines.exclude(order__in=first))
    return {
        "company_currency": company().currency,
        "planned": shown(planned[:SHOWN]),
        "hidden": max(0, len(planned) - SHOWN) + others.lines,
        "postable": len(good) + others.ready,
        "refused": len(planned) - len(good) + others.lines - others.ready,
        "order_count": len({entry.line.order_id for entry in good}) + others.orders,
    }


def shown(planned: Sequence[PlannedLine]) -> list[tuple[PlannedLine, ServiceOrderLine]]:
    """The entries of the plan with the lines that they are about."""
    lines = ServiceOrderLine.objects.select_related("order__customer", "order__project__currency", "category")
    found = lines.in_bulk([entry.line.pk for entry in planned])
    return [(entry, found[entry.line.pk]) for entry in planned if entry.line.pk in found]


def default_to_signed(parameters: dict[str, Any]) -> dict[str, Any]:
    """Asked for by query rather than by order, only signed orders are looked at: the others are simply not done."""
    return parameters if "orders" in parameters else parameters | {"signed": True}


@require_POST
@allow("orders.post_serviceorder")
def post_start(request: HttpRequest) -> HttpResponse:
    """Start the run that posts what the preview showed."""
    given: dict[str, Any] = request.POST.dict()
    given["kinds"] = request.POST.getlist("kinds")
    form = PostingForm(given)
    if not form.is_valid():
        context = {"form": form, "title": _("Post service orders")} | NOTHING
        return page(request, "orders/post.html", context, status=422)
    parameters = default_to_signed(form.parameters)
    kinds = parameters.pop("kinds")
    run = start_posting(by=request.user, kinds=kinds, **parameters)
    return redirect("core:run", run.pk)


@require_POST
@allow("orders.post_serviceorder")
@traceless("only leads to the preview of what was ticked")
def post_chosen(request: HttpRequest) -> HttpResponse:
    """From the ticked rows of the list to their preview."""
    ids = ticked(request)
    known = ServiceOrder.objects.visible_to(request.user).filter(pk__in=ids).values_list("pk", flat=True)
    query = urlencode({"orders": ",".join(str(pk) for pk in known)})
    return redirect(f"{reverse('orders:post')}?{query}")


@require_POST
@allow("orders.post_serviceorder")
def undo(request: HttpRequest, number: str) -> HttpResponse:
    """Take the posting of an order back while it is not invoiced."""
    order = find_order(request, number)
    return reply(
        request,
        order,
        lambda: undo_posting(order.pk, version=version_of(request), by=request.user, at=timezone.now()),
        done=_("The posting is undone; the lines are open again and must be signed once more."),
    )


@require_POST
@allow("orders.post_serviceorder")
def undo_lines(request: HttpRequest, number: str) -> HttpResponse:
    """Take the posting of the ticked lines back while they are not invoiced."""
    order, lines = find_order(request, number), ticked(request)
    return reply(
        request,
        order,
        lambda: undo_posting(
            order.pk, version=version_of(request), by=request.user, at=timezone.now(), lines=lines
        ),
        done=_(
            "The posting of the ticked lines is undone; they are open again and must be signed once more."
        ),
    )


@require_POST
@allow("orders.post_serviceorder")
def part_return(request: HttpRequest, number: str, pk: int) -> HttpResponse:
    """Bring a part of posted goods back to stock; what is invoiced is credited, which takes the right to invoice."""
    order = find_order(request, number)
    line = get_object_or_404(order.lines.select_related("transaction"), pk=pk)
    form = ReturnPartForm(request.POST, pieces=pieces_out(line.transaction) if line.transaction else ())

    def work() -> None:
        if (
            line.transaction
            and line.transaction.invoice_id
            and not request.user.has_perm("projects.add_invoice")
        ):
            raise Refused(_("This part is invoiced; somebody who may credit invoices has to return it."))
        return_part(order.pk, line.pk, by=request.user, at=timezone.now(), **form.cleaned_data)

    return reply(
        request, order, work, form=form, opened=f"return:{pk}", done=_("The goods are back in stock.")
    )
