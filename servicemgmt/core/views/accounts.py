"""One's own profile, and what is asked of each role."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.models import Group
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from ..accounts import operations
from ..accounts.forms import ProfileForm, RolePolicyForm
from ..accounts.queries import has_second_factor, people_of_roles
from ..errors import Refused
from ..forms import submit
from ..models import User
from ..roles import DESCRIPTIONS, GRANTS, LABELS
from ..web import allow, next_url, page, status_of, traceless
from .users import me


@require_http_methods(["GET", "POST"])
@allow()
def profile(request: HttpRequest) -> HttpResponse:
    """Name, language, time zone and theme of who is signed in, and the ways to his security pages."""
    user = User.objects.get(pk=request.user.pk)
    form: Any = ProfileForm(request.POST or None, instance=user)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            done = submit(
                form, lambda: operations.change_profile(user.pk, version=form.version, **form.values)
            )
            if done:
                messages.success(request, _("Your profile is saved."))
                return redirect("core:profile")
            status = status_of(form.refusal)
    roles = [LABELS.get(name, name) for name in user.groups.order_by("pk").values_list("name", flat=True)]
    context = {
        "form": form,
        "roles": roles,
        "has_second_factor": has_second_factor(user),
        "profile_tab": "profile",
    }
    return page(request, "core/profile.html", context, status=status)


@require_POST
@traceless("How bright one's own screen is concerns nobody else.")
@allow()
def theme(request: HttpRequest) -> HttpResponse:
    """Light, dark or as the device; back to the page it was chosen on."""
    try:
        operations.choose_theme(request.user.pk or 0, request.POST.get("theme", ""))
    except Refused as refusal:
        messages.error(request, str(refusal))
    return redirect(next_url(request, "/"))


@require_GET
@allow("core.view_rolepolicy")
def roles(request: HttpRequest) -> HttpResponse:
    """The roles, who is in them, and which of them ask for a second factor."""
    return page(request, "core/users/roles.html", {"roles": role_rows()}, regions=["roles"])


@require_POST
@allow("core.change_rolepolicy")
def role_policies(request: HttpRequest) -> HttpResponse:
    """Save which roles ask for a second factor: all or none of them."""
    rows = role_rows(request.POST)
    sentence, status = "", 422
    if all(row["form"].is_valid() for row in rows):
        try:
            save_policies(rows, me(request))
        except Refused as refusal:
            sentence, status = str(refusal), status_of(refusal)
            rows = role_rows()
        else:
            messages.success(request, _("The rules for signing in are saved."))
            return redirect("core:roles")
    return page(request, "core/users/roles.html", {"roles": rows, "refusal": sentence}, status=status)


@transaction.atomic
def save_policies(rows: list[dict[str, Any]], by: User) -> None:
    for row in rows:
        operations.set_role_policy(row["role"].pk, by=by, **row["form"].cleaned_data)


def role_rows(data: Any = None) -> list[dict[str, Any]]:
    people = people_of_roles()
    return [
        {
            "role": role,
            "label": LABELS[role.name],
            "description": DESCRIPTIONS[role.name],
            "people": people.get(role.name, (0, 0))[0],
            "bare": people.get(role.name, (0, 0))[1],
            "form": RolePolicyForm(data, prefix=f"role-{role.pk}", initial=policy_of(role)),
        }
        for role in Group.objects.filter(name__in=GRANTS).select_related("policy").order_by("pk")
    ]


def policy_of(role: Group) -> dict[str, Any]:
    policy = getattr(role, "policy", None)
    return {"version": policy.version if policy else 0, "requires_mfa": bool(policy and policy.requires_mfa)}
