"""Inviting people, and accepting an invitation."""

from typing import Any

from allauth.account.utils import perform_login
from allauth.decorators import rate_limit
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from ..accounts import mails, operations
from ..accounts.forms import AcceptForm, InviteForm
from ..accounts.queries import STANDS, Standing, find_invitation, standing, with_roles
from ..audit import subject_of
from ..errors import Refused
from ..forms import submit
from ..lists import Column, ListSpec, Row, Tab, list_page
from ..models import Invitation
from ..web import allow, page, public, status_of
from .users import PERSON, me, role_labels

LINK = "invitation_link"
TONES = {
    Standing.OPEN: "blue",
    Standing.EXPIRED: "orange",
    Standing.ACCEPTED: "green",
    Standing.WITHDRAWN: "gray",
}


def standing_of(row: Row) -> Standing:
    return standing(Invitation(**{name: row[name] for name in TIMES}), timezone.now())


TIMES = ["accepted_at", "withdrawn_at", "expires_at"]

SPEC = ListSpec(
    name="invitations",
    title=gettext_lazy("Invitations"),
    help=gettext_lazy("An invitation's link is good once and for a week."),
    columns=[
        *PERSON,
        Column(
            "standing",
            gettext_lazy("Standing"),
            kind="badge",
            value=lambda row: standing_of(row).label,
            tone=lambda row: TONES[standing_of(row)],
            needs=TIMES,
        ),
        Column("invited_at", gettext_lazy("Invited"), kind="datetime", sort="invited_at"),
        Column("invited_by__name", gettext_lazy("By"), sort="invited_by__name"),
        Column("expires_at", gettext_lazy("Good until"), kind="datetime", sort="expires_at"),
    ],
    default_sort="-invited_at",
    row_url=lambda row: reverse("core:invitation", args=[row["pk"]]),
    create=("core:invite", gettext_lazy("Invite"), "core.add_invitation"),
    tabs=[
        Tab("open", gettext_lazy("Open"), STANDS[Standing.OPEN] | STANDS[Standing.EXPIRED]),
        Tab("accepted", gettext_lazy("Accepted"), STANDS[Standing.ACCEPTED]),
        Tab("withdrawn", gettext_lazy("Withdrawn"), STANDS[Standing.WITHDRAWN]),
        Tab("all", gettext_lazy("All")),
    ],
    empty_title=gettext_lazy("No invitations here"),
    empty_text=gettext_lazy("Invite somebody: he gets a link by mail, chooses a password and is in."),
    empty_icon="mail",
)


@require_GET
@allow("core.view_invitation")
def invitations(request: HttpRequest) -> HttpResponseBase:
    """Whom we have invited and what became of it."""
    return list_page(request, SPEC, with_roles(Invitation.objects.all()))


@require_GET
@allow("core.view_invitation")
@never_cache
def invitation(request: HttpRequest, pk: int) -> HttpResponse:
    """One invitation. Its link is shown once, right after it was made."""
    found: Any = get_object_or_404(
        with_roles(Invitation.objects.select_related("invited_by", "accepted_by")), pk=pk
    )
    link = request.session.get(LINK, {})
    if link.get("for") == pk:
        del request.session[LINK]
    stands = standing(found, timezone.now())
    context = {
        "invitation": found,
        "roles": role_labels({"role_names": found.role_names}),
        "standing": stands,
        "tone": TONES[stands],
        "is_waiting": stands in {Standing.OPEN, Standing.EXPIRED},
        "subject": subject_of(found),
        "link": link.get("url", "") if link.get("for") == pk else "",
    }
    return page(request, "core/users/invitation.html", context)


@require_http_methods(["GET", "POST"])
@allow("core.add_invitation")
def invite(request: HttpRequest) -> HttpResponse:
    """Invite somebody: name, address, roles."""
    form: Any = InviteForm(request.POST or None)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            made = submit(form, lambda: operations.invite(by=me(request), at=timezone.now(), **form.values))
            if made:
                return hand_over(request, *made)
            status = status_of(form.refusal)
    context = {
        "form": form,
        "title": _("Invite somebody"),
        "help": _(
            "We mail a link that is good for a week. You see it once too, to hand over in another way."
        ),
        "submit_label": _("Send the invitation"),
        "cancel_url": reverse("core:users"),
    }
    return page(request, "core/users/invite.html", context, status=status)


@require_POST
@allow("core.change_invitation")
def resend(request: HttpRequest, pk: int) -> HttpResponse:
    """Send a new link; the old one ends."""
    get_object_or_404(Invitation, pk=pk)
    try:
        made = operations.resend_invitation(pk, by=me(request), at=timezone.now())
    except Refused as refusal:
        messages.error(request, str(refusal))
        return redirect("core:invitation", pk)
    return hand_over(request, *made)


@require_POST
@allow("core.change_invitation")
def withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    """End an invitation's link."""
    get_object_or_404(Invitation, pk=pk)
    try:
        operations.withdraw_invitation(pk, by=me(request), at=timezone.now())
    except Refused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("The invitation is withdrawn; its link no longer works."))
    return redirect("core:invitation", pk)


def hand_over(request: HttpRequest, made: Invitation, token: str) -> HttpResponse:
    """Mail the link, keep it for the one time the Administrator sees it, and show the invitation."""
    url = request.build_absolute_uri(reverse("core:accept_invitation", args=[token]))
    request.session[LINK] = {"for": made.pk, "url": url}
    if mails.send_invitation(request, made, url):
        messages.success(request, _("The invitation is on its way to %(to)s.") % {"to": made.email})
    else:
        messages.error(
            request, _("The mail server did not take the mail. Hand over the link below yourself.")
        )
    return redirect("core:invitation", made.pk)


@require_http_methods(["GET", "POST"])
@public("Who accepts an invitation is not a user yet; the link is his key.")
@never_cache
@sensitive_post_parameters("password")
@rate_limit(action="accept_invitation")
def accept_invitation(request: HttpRequest, token: str) -> HttpResponse:
    """Choose a password and be in. A link that is not good says why."""
    found = find_invitation(token)
    try:
        good = operations.check_invitation(found, at=timezone.now())
    except Refused as refusal:
        return page(request, "core/users/invitation_gone.html", {"sentence": str(refusal)}, status=410)
    if request.user.is_authenticated:
        return page(request, "core/users/accept_signed_in.html", {"invitation": good}, status=409)
    form = AcceptForm(request.POST or None, invitation=good, initial={"name": good.name})
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            return accept(request, token, form)
    return page(request, "core/users/accept.html", {"form": form, "invitation": good}, status=status)


def accept(request: HttpRequest, token: str, form: AcceptForm) -> HttpResponse:
    try:
        user = operations.accept_invitation(token, at=timezone.now(), **form.cleaned_data)
    except Refused as refusal:
        return page(request, "core/users/invitation_gone.html", {"sentence": str(refusal)}, status=410)
    answer: HttpResponse = perform_login(request, user)
    messages.success(request, _("Welcome, %(name)s.") % {"name": user.name})
    return answer
