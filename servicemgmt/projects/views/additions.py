"""What people add to a draft invoice by hand."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from servicemgmt.core.forms import submit
from servicemgmt.core.web import allow, page, status_of
from servicemgmt.masterdata.views.editing import crumb

from .. import operations
from ..billing.forms import FeeForm
from ..models import InvoiceProposal
from ..operations.additions import projects_of


@require_http_methods(["GET", "POST"])
@allow("projects.change_invoiceproposal")
def fee_add(request: HttpRequest, number: str) -> HttpResponse:
    """Add a fee to a draft (PR-13)."""
    found = get_object_or_404(InvoiceProposal.objects.select_related("project", "currency"), number=number)
    form = FeeForm(request.POST or None, projects=projects_of(found), initial={"version": found.version})
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            done = submit(
                form,
                lambda: operations.add_fee(found.pk, by=request.user, at=timezone.now(), **form.cleaned_data),
            )
            if done:
                messages.success(request, _("The fee is added."))
                return redirect("projects:proposal", number)
            status = status_of(form.refusal)  # type: ignore[attr-defined]
    context = {
        "form": form,
        "title": _("Add a fee"),
        "help": _(
            "Posted to the project on the invoice date, in %(currency)s. Dropping its line takes the fee back."
        )
        % {"currency": found.currency.code},
        "crumbs": [
            crumb(_("Invoice proposals"), "projects:proposals"),
            crumb(found.number, "projects:proposal", found.number),
        ],
        "cancel_url": reverse("projects:proposal", args=[number]),
        "submit_label": _("Add"),
    }
    return page(request, "core/form.html", context, status=status)
