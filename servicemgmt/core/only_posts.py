"""An address that only takes forms, opened like a page: after signing in, by a reload or from a bookmark."""

from collections.abc import Callable
from inspect import getclosurevars, isfunction
from urllib.parse import urlsplit

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import Resolver404, resolve, reverse

from .accounts.middleware import page_before
from .web import may_enter


class OnlyPostsMiddleware:
    """Give people a page with the way back instead of nothing; scripts get what they got.

    The status stays 405 with its Allow header.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if response.status_code != 405 or not is_of_a_person(request):
            return response
        page = render(request, "core/only_posts.html", {"back": page_near(request)}, status=405)
        page["Allow"] = response["Allow"]
        return page


def is_of_a_person(request: HttpRequest) -> bool:
    """Whether somebody signed in opened the address in a window of his browser."""
    is_script = "HX-Request" in request.headers or "json" in request.headers.get("Accept", "")
    return request.method == "GET" and request.user.is_authenticated and not is_script


def page_near(request: HttpRequest) -> str:
    """The page this request came from, or else the nearest one above its address that its user may enter."""
    before = page_before(request)
    path = urlsplit(before).path
    if path not in {"/", request.path, reverse("account_login")}:
        return before
    above = request.path.rstrip("/").rpartition("/")[0]
    while above:
        if is_page(f"{above}/") and may_enter(request.user, f"{above}/"):  # type: ignore[arg-type]
            return f"{above}/"
        above = above.rpartition("/")[0]
    return "/"


def is_page(path: str) -> bool:
    """Whether a view that `require_GET` and its like let show something is at the path."""
    try:
        view = resolve(path).func
    except Resolver404:
        return False
    asked = getclosurevars(view).nonlocals if isfunction(view) else {}
    return "GET" in asked.get("request_method_list", ["GET"])
