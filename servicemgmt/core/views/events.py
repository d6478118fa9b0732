"""The audit trail: everything that happened, and what happened to one thing."""

from typing import Any
from urllib.parse import urlencode

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET
from django_filters import CharFilter, ChoiceFilter, DateFromToRangeFilter, FilterSet, ModelChoiceFilter

from ..audit import SUBJECTS, may_read_history
from ..lists import Column, ListSpec, list_page
from ..models import Event, User
from ..trail import action_label, changes_text, described, subject_label
from ..web import Request, allow, may_enter, page

#: How many events of one thing its history shows, and the part of it beside the thing.
SHOWN, SHOWN_BESIDE = 50, 10


class EventFilter(FilterSet):
    actor = ModelChoiceFilter(label=gettext_lazy("Who"), queryset=User.objects.all())
    action = CharFilter(label=gettext_lazy("What"), method="by_action")
    kind = ChoiceFilter(
        label=gettext_lazy("Kind of thing"), method="by_kind", choices=lambda: subject_choices()
    )
    at = DateFromToRangeFilter(label=gettext_lazy("When"))

    class Meta:
        model = Event
        fields: list[str] = []

    def by_action(self, rows: Any, name: str, text: str) -> Any:
        return rows.filter(action__icontains=text.replace(" ", "_"))

    def by_kind(self, rows: Any, name: str, kind: str) -> Any:
        return rows.filter(subject__startswith=f"{kind}:")


def subject_choices() -> list[tuple[str, str]]:
    return sorted(((name, subject_label(name)) for name in SUBJECTS), key=lambda pair: pair[1])


def subject_link(row: dict[str, Any]) -> str:
    known = SUBJECTS.get(row["subject"].partition(":")[0])
    return reverse("core:open_subject", args=[row["subject"]]) if known and known.url else ""


EVENTS = ListSpec(
    name="events",
    title=gettext_lazy("Audit trail"),
    help=gettext_lazy("Who did what to which thing, from what to what. Nothing here can be changed."),
    columns=[
        Column("at", gettext_lazy("When"), sort="at"),
        Column("actor_name", gettext_lazy("Who")),
        Column(
            "action", gettext_lazy("What"), value=lambda row: action_label(row["action"]), needs=["action"]
        ),
        Column(
            "subject",
            gettext_lazy("Of"),
            value=lambda row: subject_label(row["subject"].partition(":")[0]),
            needs=["subject"],
        ),
        Column("subject_label", gettext_lazy("Name"), href=subject_link, needs=["subject"]),
        Column(
            "changes",
            gettext_lazy("Changes"),
            value=lambda row: changes_text(row),
            needs=["changes", "subject"],
        ),
        Column("request_id", gettext_lazy("Request"), only_export=True),
    ],
    default_sort="-at",
    filterset=EventFilter,
    search=["subject_label", "actor_name"],
    empty_icon="history",
)


@require_GET
@allow("core.view_event")
def events(request: Request) -> HttpResponseBase:
    return list_page(request, EVENTS, Event.objects.all())


@require_GET
@allow()
def event_subject(request: Request, subject: str) -> HttpResponse:
    """What happened to one thing, newest first: a page, or the region `history` that detail pages load."""
    if not may_read_history(request.user, subject):
        raise PermissionDenied
    shown = SHOWN_BESIDE if request.htmx else SHOWN
    found = list(Event.objects.filter(subject=subject).order_by("-pk")[: shown + 1])
    label = next((event.subject_label for event in found if event.subject_label), subject)
    all_url = request.path if request.htmx else ""
    if not all_url and request.user.has_perm("core.view_event"):
        all_url = f"{reverse('core:events')}?{urlencode({'q': label})}"
    context = {
        "subject": subject,
        "label": label,
        "events": [described(event) for event in found[:shown]],
        "more": len(found) > shown,
        "all_url": all_url,
    }
    return page(request, "core/events/subject.html", context, regions=["history"])


@require_GET
@allow()
def open_subject(request: Request, subject: str) -> HttpResponse:
    """Go to the page of the thing; to its history where it has no page, or none for this user."""
    name, _, pk = subject.partition(":")
    known = SUBJECTS.get(name)
    if known is None or not may_read_history(request.user, subject):
        raise Http404
    if known.url is None or not known.may_view(request.user) or known.row(request.user, pk) is None:
        return redirect("core:event_subject", subject)
    view, arguments = known.url(pk)
    url = reverse(view, args=arguments)
    return redirect(url) if may_enter(request.user, url) else redirect("core:event_subject", subject)
