"""The pages of allauth that are open, and to whom; what is not listed (sign-up by oneself, addresses, codes by
mail) is not there. Each answers in one transaction, so that its Event stands or falls with what it did."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from allauth.account import views as account
from allauth.mfa.base import views as mfa
from allauth.mfa.recovery_codes import views as recovery_codes
from allauth.mfa.totp import views as totp
from allauth.mfa.webauthn import views as webauthn
from allauth.usersessions import views as usersessions
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, re_path

from ..web import View, allow, public


def form_answers(view: View) -> View:
    """A form that was refused is answered with 422, as everywhere in this product."""

    @wraps(view)
    def answered(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        response = view(request, *args, **kwargs)
        if (
            request.method == "POST"
            and response.status_code == 200
            and isinstance(response, TemplateResponse)
        ):
            response.status_code = 422
        return response

    return answered


def passkeys(request: HttpRequest) -> HttpResponse:
    """The library's list of passkeys: ours stands on the page of the second factor."""
    return redirect("mfa_index")


def page(route: str, view: View, name: str, guard: Callable[[View], View]) -> URLPattern:
    make = re_path if route.startswith("^") else path
    return make(route, guard(transaction.atomic(form_answers(view))), name=name)


signed_in = allow()
entrance = public("Signing in is how one gets in.")
code = public("The second step of signing in; allauth asks for the first.")
reset = public("Who forgot his password cannot sign in.")
closed = public("Says that an administrator invites.")

RESET_LINK = r"^password/reset/key/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$"

urlpatterns = [
    page("login/", account.login, "account_login", entrance),
    page("login/passkey/", webauthn.login_webauthn, "mfa_login_webauthn", entrance),
    page("login/second-factor/", mfa.authenticate, "mfa_authenticate", code),
    page("logout/", account.logout, "account_logout", public("Signing out twice harms nobody.")),
    page("inactive/", account.account_inactive, "account_inactive", entrance),
    page("signup/", account.signup, "account_signup", closed),
    page("password/reset/", account.password_reset, "account_reset_password", reset),
    page("password/reset/done/", account.password_reset_done, "account_reset_password_done", reset),
    page(RESET_LINK, account.password_reset_from_key, "account_reset_password_from_key", reset),
    page(
        "password/reset/key/done/",
        account.password_reset_from_key_done,
        "account_reset_password_from_key_done",
        reset,
    ),
    page("password/change/", account.password_change, "account_change_password", signed_in),
    page("password/set/", account.password_set, "account_set_password", signed_in),
    page("confirm/", account.reauthenticate, "account_reauthenticate", signed_in),
    page("confirm/code/", mfa.reauthenticate, "mfa_reauthenticate", signed_in),
    page("confirm/passkey/", webauthn.reauthenticate_webauthn, "mfa_reauthenticate_webauthn", signed_in),
    page("second-factor/", mfa.index, "mfa_index", signed_in),
    page("second-factor/app/", totp.activate_totp, "mfa_activate_totp", signed_in),
    page("second-factor/app/remove/", totp.deactivate_totp, "mfa_deactivate_totp", signed_in),
    page("second-factor/codes/", recovery_codes.view_recovery_codes, "mfa_view_recovery_codes", signed_in),
    page(
        "second-factor/codes/new/",
        recovery_codes.generate_recovery_codes,
        "mfa_generate_recovery_codes",
        signed_in,
    ),
    page(
        "second-factor/codes/download/",
        recovery_codes.download_recovery_codes,
        "mfa_download_recovery_codes",
        signed_in,
    ),
    page("second-factor/passkeys/", passkeys, "mfa_list_webauthn", signed_in),
    page("second-factor/passkeys/new/", webauthn.add_webauthn, "mfa_add_webauthn", signed_in),
    page("second-factor/passkeys/<int:pk>/", webauthn.edit_webauthn, "mfa_edit_webauthn", signed_in),
    page(
        "second-factor/passkeys/<int:pk>/remove/", webauthn.remove_webauthn, "mfa_remove_webauthn", signed_in
    ),
    page("sessions/", usersessions.list_usersessions, "usersessions_list", signed_in),
]
