"""The people who sign in: the list, one of them, and what an Administrator may do about him."""

from typing import Any, cast

from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.contrib import messages
from django.db import transaction
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST
from django_filters import ChoiceFilter, FilterSet

from ..accounts import operations
from ..accounts.forms import UserForm
from ..accounts.queries import SECOND_FACTOR, SecondFactor, with_roles, with_second_factor
from ..accounts.sign_in_forms import ResetPasswordForm
from ..audit import subject_of
from ..errors import Refused
from ..forms import submit
from ..lists import Action, Column, ListSpec, Row, Tab, list_page
from ..models import User
from ..roles import LABELS
from ..web import allow, attempt, page, status_of, version_of


def me(request: HttpRequest) -> User:
    """Who is signed in, as the operations want him: for views that `allow` has guarded."""
    return cast(User, request.user)


def role_labels(row: Row) -> str:
    return ", ".join(str(LABELS.get(name, name)) for name in row["role_names"])


#: Who it is, as the lists of users and of invitations show him.
PERSON = [
    Column(
        "name", gettext_lazy("Name"), sort="name", kind="link", sub=lambda row: row["email"], needs=["email"]
    ),
    Column("email", gettext_lazy("E-mail address"), only_export=True),
    Column("roles", gettext_lazy("Roles"), value=role_labels, needs=["role_names"]),
]


class UserFilter(FilterSet):
    """People of a role, who signs in with a second factor, and whose role asks for one that he has not set up."""

    role = ChoiceFilter(label=gettext_lazy("Role"), field_name="groups__name", choices=list(LABELS.items()))
    factor = ChoiceFilter(
        label=gettext_lazy("Second factor"), choices=SecondFactor.choices, method="by_second_factor"
    )

    class Meta:
        model = User
        fields = ["role", "factor"]

    def by_second_factor(self, users: QuerySet[User], name: str, value: str) -> QuerySet[User]:
        return users.filter(SECOND_FACTOR[SecondFactor(value)])


SPEC = ListSpec(
    name="users",
    title=gettext_lazy("Users"),
    help=gettext_lazy("Who may sign in, and in which roles. New people are invited by mail."),
    columns=[
        *PERSON,
        Column(
            "is_active",
            gettext_lazy("Access"),
            kind="badge",
            sort="is_active",
            value=lambda row: _("may sign in") if row["is_active"] else _("closed"),
            tone=lambda row: "green" if row["is_active"] else "gray",
            needs=["is_active"],
        ),
        Column("has_factor", gettext_lazy("Second factor"), kind="bool"),
        Column("last_login", gettext_lazy("Last sign-in"), kind="datetime", sort="last_login"),
    ],
    default_sort="name",
    filterset=UserFilter,
    row_url=lambda row: reverse("core:user", args=[row["pk"]]),
    create=("core:invite", gettext_lazy("Invite"), "core.add_invitation"),
    actions=[
        Action("core:invitations", gettext_lazy("Invitations"), "mail", permission="core.view_invitation"),
        Action("core:roles", gettext_lazy("Roles"), "shield-check", permission="core.view_rolepolicy"),
    ],
    tabs=[
        Tab("active", gettext_lazy("May sign in"), Q(is_active=True)),
        Tab("closed", gettext_lazy("Closed"), Q(is_active=False)),
        Tab("all", gettext_lazy("All")),
    ],
    tab_counts=True,
    empty_title=gettext_lazy("Nobody here"),
    empty_text=gettext_lazy("Invite the people who are to work with this system."),
    empty_icon="users",
)


@allow("core.view_user")
def users(request: HttpRequest) -> HttpResponseBase:
    """Everybody who may, or once might, sign in."""
    return list_page(request, SPEC, with_second_factor(with_roles(User.objects.all())))


@require_http_methods(["GET", "POST"])
@allow("core.view_user")
def user(request: HttpRequest, pk: int) -> HttpResponseBase:
    """One user; his name, address and roles can be changed here by who may."""
    person = get_object_or_404(User, pk=pk)
    if request.method == "POST":
        return change(request, person)
    return user_page(request, person, UserForm(instance=person))


@allow("core.change_user")
def change(request: HttpRequest, person: User) -> HttpResponse:
    form: Any = UserForm(request.POST, instance=User.objects.get(pk=person.pk))
    if not form.is_valid():
        return user_page(request, person, form, status=422)
    by = me(request)
    if submit(form, lambda: operations.change_user(person.pk, version=form.version, by=by, **form.values)):
        messages.success(request, _("Saved."))
        return redirect("core:user", person.pk)
    person.refresh_from_db()
    return user_page(request, person, form, status=status_of(form.refusal))


def user_page(request: HttpRequest, person: User, form: UserForm, *, status: int = 200) -> HttpResponse:
    factors = Authenticator.objects.filter(user=person).order_by("type", "pk")
    context = {
        "person": person,
        "form": form,
        "factors": factors,
        "roles": [
            LABELS.get(name, name) for name in person.groups.order_by("pk").values_list("name", flat=True)
        ],
        "session_count": UserSession.objects.filter(user=person).count(),
        "is_self": person.pk == request.user.pk,
        "subject": subject_of(person),
    }
    return page(request, "core/users/user.html", context, status=status)


@require_POST
@allow("core.change_user")
def deactivate(request: HttpRequest, pk: int) -> HttpResponse:
    """Take away the right to sign in; ends the sessions."""
    return press(request, pk, "deactivate_user", _("Access is closed, and every session has ended."))


@require_POST
@allow("core.change_user")
def reactivate(request: HttpRequest, pk: int) -> HttpResponse:
    """Give back the right to sign in."""
    return press(request, pk, "reactivate_user", _("Access is open again."))


def press(request: HttpRequest, pk: int, operation: str, done: str) -> HttpResponse:
    person = get_object_or_404(User, pk=pk)
    work = getattr(operations, operation)
    return attempt(
        request,
        lambda: work(person.pk, version=version_of(request), by=me(request)),
        done=done,
        to="core:user",
        pk=pk,
    )


@require_POST
@allow("core.change_user")
def reset_factor(request: HttpRequest, pk: int) -> HttpResponse:
    """Remove the second factor of somebody who has lost it."""
    person, by = get_object_or_404(User, pk=pk), me(request)
    done = _("The second factor is removed, and every session has ended.")
    work = lambda: operations.reset_second_factor(person.pk, by=by)  # noqa: E731
    return attempt(request, work, done=done, to="core:user", pk=pk)


@require_POST
@allow("core.change_user")
def end_sessions(request: HttpRequest, pk: int) -> HttpResponse:
    """Sign somebody out everywhere."""
    person, by = get_object_or_404(User, pk=pk), me(request)
    work = lambda: operations.end_sessions(person.pk, by=by)  # noqa: E731
    return attempt(request, work, done=_("Every session has ended."), to="core:user", pk=pk)


@require_POST
@allow("core.change_user")
@transaction.atomic
def send_reset(request: HttpRequest, pk: int) -> HttpResponse:
    """Mail somebody a link with which he sets a new password."""
    person = get_object_or_404(User, pk=pk)
    form = ResetPasswordForm({"email": person.email})
    form.is_valid()
    try:
        form.save(request)
    except Refused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(
            request, _("A link to set a new password is on its way to %(to)s.") % {"to": person.email}
        )
    return redirect("core:user", pk)
