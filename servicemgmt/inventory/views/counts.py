"""Stock counts: the sheets, one of them with its lines, and posting its differences."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from servicemgmt.core.audit import subject_of
from servicemgmt.core.errors import Refused
from servicemgmt.core.forms import submit
from servicemgmt.core.lists import list_page
from servicemgmt.core.web import allow, page, status_of, version_of
from servicemgmt.masterdata.queries import company, company_today

from .. import operations
from ..forms import CountedItemForm, CountForm, SheetForm
from ..lists import COUNT_TONES, COUNTED, COUNTS
from ..lots import missing
from ..models import CountStatus, StockCount
from ..queries import counted_listed, counts_listed, sheet_lines


@require_GET
@allow("inventory.view_stockcount")
def counts(request: HttpRequest) -> HttpResponseBase:
    return list_page(request, COUNTS, counts_listed())


@require_GET
@allow("inventory.view_stockcount")
def counted(request: HttpRequest) -> HttpResponseBase:
    """The lines of all sheets, such as for a file of one of them (`?count=`)."""
    return list_page(request, COUNTED, counted_listed())


@require_http_methods(["GET", "POST"])
@allow("inventory.add_stockcount")
def count_new(request: HttpRequest) -> HttpResponse:
    """Start a sheet with what should lie in a warehouse now."""
    form = CountForm(request.POST or None, initial={"on": company_today()} | request.GET.dict())
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            made = submit(form, lambda: operations.start_count(**form.cleaned_data, by=request.user))
            refusal = form.refusal  # type: ignore[attr-defined]
            if refusal is None:
                return redirect("inventory:count", made.pk)
            status = status_of(refusal)
    context = {
        "form": form,
        "title": _("New count"),
        "help": _("The sheet lists what should lie there now; what is found is entered beside it."),
        "submit_label": _("Make the sheet"),
        "crumbs": [
            {"label": _("Stock"), "url": reverse("inventory:on_hand")},
            {"label": _("Stock counts"), "url": reverse("inventory:counts")},
        ],
        "cancel_url": reverse("inventory:counts"),
    }
    return page(request, "core/form.html", context, status=status)


@require_http_methods(["GET", "POST"])
@allow("inventory.view_stockcount")
def count(request: HttpRequest, pk: int) -> HttpResponse:
    """One sheet; a POST enters what was found."""
    found = get_object_or_404(StockCount.objects.select_related("warehouse", "posted_by"), pk=pk)
    if request.method == "GET":
        return show(request, found)
    return count_enter(request, pk=pk)


@allow("inventory.change_stockcount")
def count_enter(request: HttpRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(StockCount.objects.select_related("warehouse", "posted_by"), pk=pk)
    form = SheetForm(request.POST, lines=sheet_lines(found))
    if not form.is_valid():
        return show(request, found, form=form, status=422)
    submit(
        form,
        lambda: operations.enter_counts(pk, form.counted, version=version_of(request), by=request.user),
    )
    refusal = form.refusal  # type: ignore[attr-defined]
    if refusal is not None:
        return show(request, fresh(pk), problem=str(refusal), status=status_of(refusal))
    messages.success(request, _("The quantities are written down."))
    return redirect("inventory:count", pk)


@require_POST
@allow("inventory.change_stockcount")
def count_item(request: HttpRequest, pk: int) -> HttpResponse:
    """Put an item on the sheet that was not expected there."""
    found = get_object_or_404(StockCount, pk=pk)
    form = CountedItemForm(request.POST)
    if not form.is_valid():
        return show(request, fresh(pk), item_form=form, status=422)
    item, lot = form.cleaned_data["item"], form.cleaned_data.get("lot", "")
    if "lot" in form.fields and not lot:
        form.add_error("lot", missing(item))
        return show(request, fresh(pk), item_form=form, status=422)
    return worked(
        request,
        found,
        lambda version: operations.add_counted_item(pk, item, version=version, by=request.user, lot=lot),
        _("The item is on the sheet."),
    )


@require_POST
@allow("inventory.change_stockcount")
def count_read(request: HttpRequest, pk: int) -> HttpResponse:
    """Take over what is expected now where goods moved."""
    found = get_object_or_404(StockCount, pk=pk)
    return worked(
        request,
        found,
        lambda version: operations.read_again(pk, version=version, by=request.user),
        _("The sheet shows what is expected now."),
    )


@require_POST
@allow("inventory.post_stockcount")
def count_post(request: HttpRequest, pk: int) -> HttpResponse:
    """Book the differences."""
    found = get_object_or_404(StockCount, pk=pk)
    return worked(
        request,
        found,
        lambda version: operations.post_count(pk, version=version, by=request.user, at=timezone.now()),
        _("The differences are posted."),
    )


@require_POST
@allow("inventory.delete_stockcount")
def count_drop(request: HttpRequest, pk: int) -> HttpResponse:
    """Give the sheet up."""
    found = get_object_or_404(StockCount, pk=pk)
    return worked(
        request,
        found,
        lambda version: operations.drop_count(pk, version=version, by=request.user),
        _("The count is dropped."),
    )


def fresh(pk: int) -> StockCount:
    return StockCount.objects.select_related("warehouse", "posted_by").get(pk=pk)


def worked(request: HttpRequest, found: StockCount, work: Callable[[int], Any], done: str) -> HttpResponse:
    """Do `work` with the version the page showed; a refusal shows the sheet as it stands, with the sentence."""
    try:
        work(version_of(request))
    except Refused as refusal:
        return show(request, fresh(found.pk), problem=str(refusal), status=status_of(refusal))
    messages.success(request, done)
    return redirect("inventory:count", found.pk)


def show(
    request: HttpRequest,
    found: StockCount,
    *,
    form: SheetForm | None = None,
    item_form: CountedItemForm | None = None,
    problem: str = "",
    status: int = 200,
) -> HttpResponse:
    """The sheet as it stands; after a refusal with its sentence above."""
    is_open = found.status == CountStatus.OPEN
    lines = sheet_lines(found)
    context = {
        "count": found,
        "subject": subject_of(found),
        "title": _("Count of %(warehouse)s") % {"warehouse": found.warehouse.description},
        "subtitle": found.text,
        "badges": [{"label": found.get_status_display(), "tone": COUNT_TONES[found.status]}],
        "facts": facts_of(found),
        "lines": lines,
        "form": form or SheetForm(lines=lines),
        "item_form": item_form or CountedItemForm(),
        "moved": [line for line in lines if is_open and line.has_moved],
        "done": sum(line.counted is not None for line in lines),
        "is_open": is_open,
        "may_change": is_open and request.user.has_perm("inventory.change_stockcount"),
        "home": company().currency,
        "problem": problem,
    }
    return page(request, "inventory/count.html", context, status=status)


def facts_of(found: StockCount) -> list[tuple[Any, ...]]:
    facts: list[tuple[Any, ...]] = [(_("Warehouse"), found.warehouse), (_("Date"), found.counted_on)]
    if found.posted_at:
        facts += [(_("Posted"), found.posted_at), (_("Posted by"), found.posted_by or _("System"))]
    return facts
