"""Mass jobs: the list of them, one with its live progress and what it had to say."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST
from django_filters import ChoiceFilter, DateFromToRangeFilter, FilterSet

from ..errors import Refused
from ..lists import Column, ListSpec, list_page
from ..models import Run, RunMessage, User
from ..models.run import RunStatus
from ..runs import KINDS, cancel_run, may_see, progress, retry_run
from ..runs.life import label_of, why_not_retry
from ..web import Request, allow, attempt, may_enter, page

STATUS_TONES = {
    RunStatus.QUEUED: "gray",
    RunStatus.RUNNING: "blue",
    RunStatus.DONE: "green",
    RunStatus.FAILED: "red",
    RunStatus.CANCELLED: "gray",
}
LEVEL_TONES = {"INFO": "blue", "WARNING": "orange", "ERROR": "red"}
SHOWN_MESSAGES = 50


class RunFilter(FilterSet):
    kind = ChoiceFilter(
        label=gettext_lazy("Kind"),
        choices=lambda: sorted(((k.code, k.label) for k in KINDS.values()), key=lambda pair: str(pair[1])),
    )
    status = ChoiceFilter(label=gettext_lazy("Status"), choices=RunStatus.choices)
    queued_at = DateFromToRangeFilter(label=gettext_lazy("Started"))

    class Meta:
        model = Run
        fields = ["kind", "status", "queued_at"]


class MessageFilter(FilterSet):
    level = ChoiceFilter(label=gettext_lazy("Level"), choices=RunMessage.Level.choices)

    class Meta:
        model = RunMessage
        fields = ["level"]


def kind_name(row: dict[str, Any]) -> str:
    return str(KINDS[row["kind"]].label) if row["kind"] in KINDS else row["kind"]


RUNS = ListSpec(
    name="runs",
    title=gettext_lazy("Runs"),
    help=gettext_lazy("Every mass job: what it did, how far it is, and what it could not do."),
    columns=[
        Column("kind", gettext_lazy("Kind"), value=kind_name, needs=["kind"], sort="kind"),
        Column("status", gettext_lazy("Status"), kind="badge", tone=lambda row: STATUS_TONES[row["status"]]),
        Column("started_by__name", gettext_lazy("Started by"), sort="started_by__name"),
        Column("queued_at", gettext_lazy("Started"), sort="pk"),
        Column("finished_at", gettext_lazy("Finished"), sort="finished_at"),
        Column("id", gettext_lazy("Number"), kind="text"),
    ],
    default_sort="-pk",
    filterset=RunFilter,
    row_url=lambda row: reverse("core:run", args=[row["pk"]]),
    empty_title=gettext_lazy("No runs yet"),
    empty_text=gettext_lazy("Creating orders, posting, running fees and importing each leave a run here."),
    empty_icon="activity",
)


def visible_runs(user: User) -> QuerySet[Run]:
    """The runs the user may see; the same rule as `may_see`."""
    if user.has_perm("core.view_run"):
        return Run.objects.all()
    kinds = [kind.code for kind in KINDS.values() if user.has_perm(kind.permission)]
    return Run.objects.filter(Q(kind__in=kinds) | Q(started_by=user))


def run_or_404(request: Request, pk: int) -> Run:
    run = Run.objects.select_related("started_by", "retry_of").filter(pk=pk).first()
    if run is None or not may_see(run, request.user):
        raise Http404
    return run


@require_GET
@allow()
def runs(request: Request) -> HttpResponseBase:
    return list_page(request, RUNS, visible_runs(request.user))


@require_GET
@allow()
def run(request: Request, pk: int) -> HttpResponse:
    """One run. Its progress region asks again every two seconds until the run is over."""
    found = run_or_404(request, pk)
    response = page(
        request, "core/runs/run.html", run_context(request, found), regions=["progress", "messages"]
    )
    if found.is_over and request.htmx.target and request.htmx.target.endswith("progress"):
        response["HX-Trigger"] = "run-over"
    return response


def run_context(request: Request, run: Run) -> dict[str, Any]:
    kind, state = KINDS.get(run.kind), progress(run)
    can_start = bool(kind and request.user.has_perm(kind.permission))
    level = request.GET.get("level", "")
    level = level if level in RunMessage.Level.values else ""
    refused = state.messages.get("ERROR", 0)
    result_url = kind.result_url(run) if kind and kind.result_url and run.is_planned else ""
    return {
        "run": run,
        "title": label_of(run),
        "tone": STATUS_TONES[RunStatus(run.status)],
        "progress": state,
        "counts": [(label_for(kind, name), n) for name, n in state.counts.items()],
        "run_messages": with_links(weightiest(run, [level] if level else ["ERROR", "WARNING", "INFO"])),
        "message_total": sum(state.messages.values()),
        "tabs": level_tabs(request.path, level, state.messages),
        "can_cancel": not run.is_over and can_start,
        "can_retry": can_start and why_not_retry(run) is None,
        "result_url": result_url if may_enter(request.user, result_url) else "",
        "retries": list(run.retries.order_by("pk")),
        "messages_url": reverse("core:run_messages", args=[run.pk]),
        "refused": refused,
        "level": level,
    }


def label_for(kind: Any, name: str) -> str:
    known = kind.labels.get(name) if kind else None
    return str(capfirst(known or (_("refused") if name == "refused" else name.replace("_", " "))))


def weightiest(run: Run, levels: list[str]) -> list[RunMessage]:
    """The first fifty messages, level by level."""
    found: list[RunMessage] = []
    for level in levels:
        room = SHOWN_MESSAGES - len(found)
        found += run.messages.filter(level=level).order_by("pk")[:room] if room else []
    return found


def with_links(found: list[RunMessage]) -> list[dict[str, Any]]:
    return [
        {
            "level": m.get_level_display(),
            "tone": LEVEL_TONES[m.level],
            "text": m.text,
            "url": reverse("core:open_subject", args=[m.subject]) if m.subject else "",
        }
        for m in found
    ]


def level_tabs(path: str, level: str, counts: dict[str, int]) -> list[dict[str, Any]]:
    all_tab = {"label": _("All"), "url": path, "current": not level, "count": sum(counts.values())}
    return [all_tab] + [
        {"label": label, "url": f"{path}?level={value}", "current": value == level, "count": counts[value]}
        for value, label in RunMessage.Level.choices
        if counts.get(value)
    ]


@require_GET
@allow()
def run_messages(request: Request, pk: int) -> HttpResponseBase:
    """Everything the run had to say, as a list with filter and files: the error list."""
    found = run_or_404(request, pk)
    spec = ListSpec(
        name=f"run-{found.pk}-messages",
        title=_("Messages of run %(number)s") % {"number": found.pk},
        help=label_of(found),
        columns=[
            Column(
                "level", _("Level"), kind="badge", tone=lambda row: LEVEL_TONES[row["level"]], sort="level"
            ),
            Column("text", _("Message"), href=subject_url, needs=["subject"]),
            Column("subject", _("Subject"), only_export=True),
            *data_columns(found),
        ],
        default_sort="pk",
        filterset=MessageFilter,
        search=["text"],
    )
    return list_page(
        request, spec, found.messages.all(), template="core/runs/messages.html", context={"run": found}
    )


def subject_url(row: dict[str, Any]) -> str:
    return reverse("core:open_subject", args=[row["subject"]]) if row["subject"] else ""


def data_columns(run: Run) -> list[Column]:
    """A column in the file for everything the first messages carry along for people: line, column, reason …"""
    names: dict[str, None] = {}
    for data in run.messages.order_by("pk").values_list("data", flat=True)[:200]:
        names |= dict.fromkeys(name for name in data if name not in ("item", "error"))

    def taken(name: str) -> Any:
        return lambda row: row["data"].get(name, "")

    return [
        Column(f"data-{name}", capfirst(name), value=taken(name), needs=["data"], only_export=True)
        for name in names
    ]


@require_POST
@allow()
def run_cancel(request: Request, pk: int) -> HttpResponse:
    """Stop after the piece in hand; only for those who may start such runs."""
    found = startable(request, pk)
    done = _("The run stops after the piece in hand. What is done stays done.")
    return attempt(
        request,
        lambda: cancel_run(found, by=request.user, at=timezone.now()),
        done=done,
        to="core:run",
        pk=found.pk,
    )


@require_POST
@allow()
def run_retry(request: Request, pk: int) -> HttpResponse:
    """Start a run over what this one refused, and go there."""
    found = startable(request, pk)
    try:
        again = retry_run(found.pk, by=request.user)
    except Refused as refusal:
        messages.error(request, str(refusal))
        return redirect("core:run", found.pk)
    return redirect("core:run", again.pk)


def startable(request: Request, pk: int) -> Run:
    found = run_or_404(request, pk)
    kind = KINDS.get(found.kind)
    if kind is None or not request.user.has_perm(kind.permission):
        raise PermissionDenied
    return found
