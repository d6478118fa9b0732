"""Who gets in: signed-in people, and those of a role that asks for it only with a second factor."""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django_htmx.http import HttpResponseClientRedirect

from .queries import is_second_factor_missing

type View = Callable[..., HttpResponseBase]

#: Where somebody may go who has still to set up his second factor.
WAY_IN = {
    "account_logout",
    "account_reauthenticate",
    "core:theme",
    "mfa_activate_totp",
    "mfa_add_webauthn",
    "mfa_download_recovery_codes",
    "mfa_index",
    "mfa_reauthenticate",
    "mfa_reauthenticate_webauthn",
    "mfa_view_recovery_codes",
}


class SignInRequiredMiddleware(LoginRequiredMiddleware):
    """Closed by default. Who is not signed in goes to the sign-in page and from there back to the *page* he was on:
    a region or a form's address would be of no use to him. Scripts get 401 instead of a page they cannot show."""

    def handle_no_permission(self, request: HttpRequest, view_func: View) -> HttpResponse:  # type: ignore[override]
        sign_in = redirect_to_login(page_of(request), reverse(self.get_login_url(view_func)))
        if getattr(request, "htmx", False):
            return HttpResponseClientRedirect(sign_in.url)
        if request.headers.get("Sec-Fetch-Dest") == "empty":
            return JsonResponse({"error": _("You are signed out."), "url": sign_in.url}, status=401)
        return sign_in


class SecondFactorMiddleware:
    """Sends people whose role asks for a second factor to set one up before anything else."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: View, args: Any, kwargs: Any) -> HttpResponse | None:
        is_open = not getattr(view, "login_required", True)
        if is_open or not request.user.is_authenticated or not is_second_factor_missing(request.user):
            return None
        request.second_factor_missing = True  # type: ignore[attr-defined]
        if request.resolver_match and request.resolver_match.view_name in WAY_IN:
            return None
        set_up = reverse("mfa_index")
        return HttpResponseClientRedirect(set_up) if getattr(request, "htmx", False) else redirect(set_up)


def page_of(request: HttpRequest) -> str:
    """The page a person was looking at when this request was made: path and query, "/" if that is unknown."""
    if request.method in {"GET", "HEAD"} and not getattr(request, "htmx", False):
        return request.get_full_path()
    return page_before(request)


def page_before(request: HttpRequest) -> str:
    """The page of ours that the browser says the request was made from: path and query, "/" if it says none."""
    came_from = request.headers.get("HX-Current-URL") or request.headers.get("Referer", "")
    if not url_has_allowed_host_and_scheme(came_from, {request.get_host()}):
        return "/"
    parts = urlsplit(came_from)
    return f"{parts.path}?{parts.query}" if parts.query else parts.path or "/"
