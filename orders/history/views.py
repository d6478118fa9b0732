from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_http_methods

from servicemgmt.core.forms import submit
from servicemgmt.core.lists import Action, Column, ListSpec, list_page
from servicemgmt.core.models.run import RunStatus
from servicemgmt.core.web import Request, allow, page, status_of

from ..models import HistoryImport
from .forms import ImportForm
from .operations import import_history

TONES = {"DONE": "green", "FAILED": "red", "RUNNING": "blue"}

IMPORTS = ListSpec(
    name="history_imports",
    title=_("Imported history"),
    help=_("Maintenance history recorded elsewhere, brought in as closed orders with their cost."),
    columns=[
        Column("run__queued_at", _("When"), sort="run__queued_at"),
        Column("attachment__name", _("File"), sort="attachment__name"),
        Column("mapping__description", _("Mapping")),
        Column("source", _("Source"), sort="source"),
        Column("is_dry_run", _("Dry run"), sort="is_dry_run"),
        Column("total", _("Total cost"), kind="money", currency="currency__code"),
        Column(
            "status",
            _("Status"),
            kind="badge",
            value=lambda row: RunStatus(row["run__status"]).label,
            tone=lambda row: TONES.get(row["run__status"], "gray"),
            needs=["run__status"],
        ),
        Column("run__started_by__name", _("By")),
    ],
    default_sort="-run__queued_at",
    search=["attachment__name", "source"],
    needs=["run_id"],
    row_url=lambda row: reverse("core:run", args=[row["run_id"]]),
    create=("orders:import", _("Import a file"), "orders.import_history"),
    actions=[
        Action(
            "orders:import_mappings",
            _("Mappings"),
            "sliders-horizontal",
            permission="orders.view_historymapping",
        )
    ],
    empty_title=_("Nothing imported yet"),
    empty_text=_("Take a CSV file of work orders from the system you used before."),
    empty_icon="upload",
)


@require_GET
@allow("orders.import_history")
def imports(request: Request) -> HttpResponseBase:
    return list_page(request, IMPORTS, HistoryImport.objects.all())


@require_GET
@allow("orders.view_historymapping")
def mappings(request: Request) -> HttpResponse:
    return redirect("core:setup_list", "historymapping")


@require_http_methods(["GET", "POST"])
@allow("orders.import_history")
def upload(request: Request) -> HttpResponse:
    """Take a file in; its progress, messages and error list are on the run's page."""
    form = ImportForm(request.POST or None, request.FILES or None)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            values = form.cleaned_data
            taken = submit(
                form,
                lambda: import_history(
                    values["file"].file,
                    values["file"].name,
                    values["mapping"],
                    by=request.user,
                    source=values["source"],
                    dry_run=values["dry_run"],
                ),
            )
            if taken:
                return redirect("core:run", taken.run_id)
            status = status_of(form.refusal) if form.refusal else 409
    return page(request, "orders/history/upload.html", {"form": form}, status=status)
