"""Labels for service objects: what is on each, and a code whose scan opens the object."""

import io
from typing import Any

import segno
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from agreements.models import ServiceObject
from agreements.placements import sites_on
from reporting.documents.answer import answer
from servicemgmt.core.web import Request, allow, page, ticked, traceless
from servicemgmt.masterdata.queries import company_today

from .forms import MOST_AT_ONCE, LabelForm
from .sheets import SHEETS, pages

VIEW = "agreements.view_serviceobject"


@traceless("only asks how to print")
@require_http_methods(["GET", "POST"])
@allow(VIEW)
def labels(request: Request) -> HttpResponse:
    """Ask for the sheet on which the labels of the ticked objects (`pk`) are printed."""
    found = chosen(request)
    if not found:
        messages.error(request, _("Tick up to %(most)s objects.") % {"most": MOST_AT_ONCE})
        return redirect("agreements:objects")
    return ask(request, found, LabelForm())


def ask(request: Request, found: list[ServiceObject], form: LabelForm, *, status: int = 200) -> HttpResponse:
    context = {
        "form": form,
        "objects": found,
        "title": _("Print labels"),
        "cancel_url": reverse("agreements:objects"),
    }
    return page(request, "reporting/labels.html", context, status=status)


@require_GET
@allow(VIEW)
def label_sheets(request: Request) -> HttpResponse:
    """The labels of the objects `?pk=` as PDF, on the sheet `?sheet=` from its label `?start=` on."""
    found, form = chosen(request), LabelForm(request.GET)
    if not found:
        return redirect("agreements:objects")
    if not form.is_valid():
        return ask(request, found, form, status=422)
    sheet = SHEETS[form.cleaned_data["sheet"]]
    rows = [label(request, row) for row in found]
    context = {
        "sheet": sheet,
        "pages": pages(rows, sheet, form.cleaned_data["start"]),
        "page_size": "A4",
    }
    return answer(request, "documents/labels.html", context, name="labels")


def chosen(request: Request) -> list[ServiceObject]:
    """The objects that were named and may be seen, by number; none where there are too many."""
    keys = ticked(request)
    if len(keys) > MOST_AT_ONCE:
        return []
    rows = ServiceObject.objects.visible_to(request.user).filter(pk__in=keys)
    found = list(rows.select_related("site", "customer").order_by("number"))
    places = sites_on(found, company_today())
    for row in found:
        row.site = places[row.pk]
    return found


def label(request: Request, row: ServiceObject) -> dict[str, Any]:
    """The object and the code of its short address, which stays the same for as long as the object has its number."""
    return {
        "object": row,
        "code": drawn(request.build_absolute_uri(reverse("scan:object", args=[row.number]))),
    }


def drawn(text: str) -> str:
    """The text as a QR code that can still be read with a quarter of it scratched off, as SVG."""
    out = io.BytesIO()
    code = segno.make_qr(text, error="q")
    code.save(out, kind="svg", xmldecl=False, svgns=True, border=2, omitsize=True, nl=False)
    return out.getvalue().decode()
