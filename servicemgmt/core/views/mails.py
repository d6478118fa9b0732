"""The mailbox: what was and will be sent, and sending it once more."""

from typing import Any

from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST
from django_filters import ChoiceFilter, DateFromToRangeFilter, FilterSet

from ..display import moment
from ..lists import Column, ListSpec, Tab, list_page
from ..mail import resend
from ..models import MailStatus, Outbox
from ..web import Request, allow, attempt, page

TONES: dict[str, str] = {MailStatus.WAITING: "orange", MailStatus.SENT: "green", MailStatus.FAILED: "red"}


class MailFilter(FilterSet):
    status = ChoiceFilter(label=gettext_lazy("Status"), choices=MailStatus.choices)
    queued_at = DateFromToRangeFilter(label=gettext_lazy("Written"))

    class Meta:
        model = Outbox
        fields = ["status", "queued_at"]


MAILS = ListSpec(
    name="mails",
    title=gettext_lazy("Mailbox"),
    help=gettext_lazy(
        "What is mailed to customers, and reminders to employees. A mail waits until the mail server takes it."
    ),
    columns=[
        Column("title", gettext_lazy("Subject"), sort="title", kind="link"),
        Column("recipient", gettext_lazy("Recipient"), sort="recipient"),
        Column("subject_label", gettext_lazy("Document")),
        Column("queued_at", gettext_lazy("Written"), sort="queued_at"),
        Column("sent_at", gettext_lazy("Sent"), sort="sent_at"),
        Column("status", gettext_lazy("Status"), kind="badge", tone=lambda row: TONES[row["status"]]),
        Column("tries", gettext_lazy("Tries"), only_export=True),
        Column("error", gettext_lazy("Error"), only_export=True),
    ],
    default_sort="-pk",
    needs=["status"],
    filterset=MailFilter,
    row_url=lambda row: reverse("core:mail", args=[row["pk"]]),
    tabs=[
        Tab("all", gettext_lazy("All")),
        Tab("waiting", gettext_lazy("Waiting"), Q(status=MailStatus.WAITING)),
        Tab("failed", gettext_lazy("Given up"), Q(status=MailStatus.FAILED)),
    ],
    empty_title=gettext_lazy("No mail yet"),
    empty_text=gettext_lazy("Invoices are mailed to customers who have an address for them."),
    empty_icon="mail",
)


@require_GET
@allow("core.view_outbox")
def mails(request: HttpRequest) -> HttpResponseBase:
    return list_page(request, MAILS, Outbox.objects.all())


@require_GET
@allow("core.view_outbox")
def mail(request: Request, pk: int) -> HttpResponse:
    found = get_object_or_404(Outbox.objects.select_related("queued_by"), pk=pk)
    facts: list[tuple[Any, ...]] = [
        (_("Recipient"), found.recipient),
        (_("Document"), found.subject_label, reverse("core:open_subject", args=[found.subject])),
        (_("Attachment"), found.attachment),
        (_("Written"), moment(found.queued_at)),
        (_("Sent"), moment(found.sent_at)),
        (_("Tries"), found.tries),
        (_("Next try"), moment(found.next_try_at)),
        ("Message-ID", found.message_id),
    ]
    if found.error:
        facts.append((_("Error"), found.error))
    context = {
        "mail": found,
        "title": found.title,
        "subtitle": found.recipient,
        "badges": [{"label": found.get_status_display(), "tone": TONES[found.status]}],
        "facts": facts,
        "may_resend": request.user.has_perm("core.change_outbox"),
    }
    return page(request, "core/mail.html", context)


@require_POST
@allow("core.change_outbox")
def mail_resend(request: Request, pk: int) -> HttpResponse:
    """Have a mail sent once more, or at last."""
    found = get_object_or_404(Outbox, pk=pk)
    return attempt(
        request,
        lambda: resend(found.pk, by=request.user, at=timezone.now()),
        done=_("The mail is sent in a moment."),
        to="core:mail",
        pk=pk,
    )
