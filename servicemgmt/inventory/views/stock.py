"""Stock: what lies where, how it moved, receiving and transferring."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from servicemgmt.core.forms import submit
from servicemgmt.core.lists import list_page
from servicemgmt.core.web import allow, page, status_of, whole
from servicemgmt.masterdata.queries import company_today

from .. import operations
from ..forms import ReceiveForm, ReturnForm, TransferForm
from ..lists import MOVES, ON_HAND
from ..models import Warehouse
from ..queries import lying_in, main_store, moves_listed, on_hand_listed, places_with_stock


@require_GET
@allow("inventory.view_onhand")
def on_hand(request: HttpRequest) -> HttpResponseBase:
    return list_page(request, ON_HAND, on_hand_listed())


@require_GET
@allow("inventory.view_stockmove")
def moves(request: HttpRequest) -> HttpResponseBase:
    return list_page(request, MOVES, moves_listed())


@require_http_methods(["GET", "POST"])
@allow("inventory.add_stockmove")
def receive(request: HttpRequest) -> HttpResponse:
    """Take goods into a warehouse or van."""
    return moved(
        request,
        ReceiveForm,
        lambda values: operations.receive(**values, by=request.user),
        title=_("Receive goods"),
        help=_("The goods go into stock at this value; the ledger takes it from goods received."),
        done=_("The goods are in stock."),
    )


@require_http_methods(["GET", "POST"])
@allow("inventory.add_stockmove")
def transfer(request: HttpRequest) -> HttpResponse:
    """Move goods from one warehouse to another, such as into a van."""
    return moved(
        request,
        TransferForm,
        lambda values: operations.transfer(**values, by=request.user),
        title=_("Transfer"),
        help=_("The goods keep the average cost of where they come from."),
        done=_("The goods are moved."),
    )


@require_http_methods(["GET", "POST"])
@allow("inventory.add_stockmove")
def return_unused(request: HttpRequest) -> HttpResponse:
    """Bring back what was not used: the parts of one van (`?source=`) with a quantity to enter beside each."""
    key = whole(request.POST.get("source") or request.GET.get("source"))
    source = Warehouse.objects.filter(pk=key).first()
    context: dict[str, Any] = {
        "title": _("Return unused parts"),
        "sources": places_with_stock(),
        "source": source,
    }
    status = 200
    if source:
        rows = lying_in(source)
        form = ReturnForm(
            request.POST or None,
            source=source,
            rows=rows,
            initial={"on": company_today(), "target": main_store()},
        )
        if request.method == "POST":
            status = 422
            if form.is_valid():
                given = form.cleaned_data
                submit(
                    form,
                    lambda: operations.return_unused(
                        form.transfers, on=given["on"], text=given["text"], by=request.user
                    ),
                )
                refusal = form.refusal  # type: ignore[attr-defined]
                if refusal is None:
                    messages.success(request, _("The parts are back."))
                    return redirect("inventory:on_hand")
                status = status_of(refusal)
        context["form"] = form
    return page(request, "inventory/return.html", context, status=status)


def moved(
    request: HttpRequest,
    form_class: type[forms.Form],
    work: Callable[[dict[str, Any]], Any],
    *,
    title: str,
    help: str,
    done: str,
) -> HttpResponse:
    """The form of a movement; `work` gets its values."""
    form = form_class(request.POST or None, initial={"on": company_today()} | request.GET.dict())
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            submit(form, lambda: work(form.cleaned_data))
            refusal = form.refusal  # type: ignore[attr-defined]
            if refusal is None:
                messages.success(request, done)
                return redirect("inventory:on_hand")
            status = status_of(refusal)
    context = {
        "form": form,
        "title": title,
        "help": help,
        "submit_label": title,
        "crumbs": [{"label": _("Stock"), "url": reverse("inventory:on_hand")}],
        "cancel_url": reverse("inventory:on_hand"),
    }
    return page(request, "core/form.html", context, status=status)
