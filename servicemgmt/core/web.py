"""HTTP conventions: who may enter, what a page and its regions are, how a refusal is answered."""

from collections.abc import Callable, Iterable, Sequence
from functools import wraps
from typing import Any
from urllib.parse import urlencode, urlsplit

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import Resolver404, resolve, reverse
from django.utils.cache import patch_vary_headers
from django.utils.http import url_has_allowed_host_and_scheme
from django_htmx.middleware import HtmxDetails

from .errors import Invalid, Refused, Sentence
from .models import User

type View = Callable[..., HttpResponseBase]


class Request(HttpRequest):
    """A request of somebody signed in, as our middleware leaves it: what views may annotate."""

    user: User
    htmx: HtmxDetails


def allow(*permissions: str) -> Callable[[View], View]:
    """Only users who hold one of the permissions enter; others get 403. With none given: everybody signed in."""

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(request: Request, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if permissions and not any(request.user.has_perm(name) for name in permissions):
                raise PermissionDenied
            return view(request, *args, **kwargs)

        guarded.permission = permissions or ("signed in",)  # type: ignore[attr-defined]
        return guarded

    return decorate


def may_enter(user: User, url: str) -> bool:
    """Whether the view at the address lets the user in, so that nobody is shown a way that ends at a closed door.

    What the view then finds is another matter. Addresses that are not ours are open.
    """
    try:
        view = resolve(urlsplit(url).path).func
    except Resolver404:
        return True
    names: tuple[str, ...] = getattr(view, "permission", ())
    asked = [name for name in names if "." in name and ":" not in name]
    return not asked or any(user.has_perm(name) for name in asked)


def offers(user: User, *wanted: tuple[Sentence, str, str, dict[str, Any]]) -> list[dict[str, str]]:
    """What the user may make next from a page, for components/create_menu.html: (label, icon, view, what is known).

    Views of apps that stand right of the page's are named, not imported; what is not known (None) is left out.
    """
    found = []
    for label, icon, view, known in wanted:
        url = reverse(view)
        if may_enter(user, url):
            query = urlencode({name: value for name, value in known.items() if value})
            found.append({"label": str(label), "icon": icon, "url": f"{url}?{query}" if query else url})
    return found


def reachable(user: User, facts: Iterable[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    """The facts (label, value, address) without the addresses that the user may not enter."""
    return [
        fact[:2] if len(fact) > 2 and fact[2] and not may_enter(user, fact[2]) else fact for fact in facts
    ]


def public(why: str) -> Callable[[View], View]:
    """The view is open to everybody, and the reason is written beside it."""

    def decorate(view: View) -> View:
        @wraps(view)
        def opened(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            return view(request, *args, **kwargs)

        opened.permission = (f"public: {why}",)  # type: ignore[attr-defined]
        opened.login_required = False  # type: ignore[attr-defined]
        return opened

    return decorate


def traceless(why: str) -> Callable[[View], View]:
    """A POST to this view leaves no Event, and the reason is written beside it."""

    def decorate(view: View) -> View:
        view.traceless = why  # type: ignore[attr-defined]
        return view

    return decorate


def page(
    request: HttpRequest,
    template: str,
    context: dict[str, Any],
    *,
    regions: Sequence[str] = (),
    status: int = 200,
) -> HttpResponse:
    """Render the whole page, or only the region htmx asked for, if the view offers it.

    Region name = element id = hx-target = partialdef name.
    """
    htmx: HtmxDetails = request.htmx  # type: ignore[attr-defined]
    target = (htmx.target or "").rpartition("#")[2] if htmx and not htmx.boosted else ""
    name = f"{template}#{target}" if target in regions else template
    response = render(request, name, context, status=status)
    patch_vary_headers(response, ["HX-Request", "HX-Target"])
    return response


def status_of(refusal: Refused) -> int:
    """422 for what was typed wrong, 409 for what the rules or another person's change refuse."""
    return 422 if isinstance(refusal, Invalid) else 409


def form_status(form: Any) -> int:
    """The status of a page with this form: that of its refusal, 422 where it was sent and is wrong, else 200."""
    refusal = getattr(form, "refusal", None)
    return status_of(refusal) if refusal else 422 if form.is_bound else 200


def attempt(
    request: HttpRequest, work: Callable[[], Any], *, done: Any = "", to: str, **kwargs: Any
) -> HttpResponse:
    """Do `work`, say `done` or the refusal as a message, and go to the page `to` (redirect after POST).

    For buttons on a page that has no form of its own to show the refusal in.
    """
    try:
        work()
    except Refused as refusal:
        messages.error(request, str(refusal))
    else:
        if done:
            messages.success(request, str(done))
    answer: HttpResponse = redirect(to, **kwargs)
    return answer


def whole(text: str | None) -> int:
    """A key or version that came as text; 0, which no row has, where it cannot be one."""
    return int(text) if text and text.isdecimal() and len(text) < 19 else 0


def ticked(request: HttpRequest, name: str = "pk") -> list[int]:
    """The keys of the rows that were ticked, wherever they were sent; what cannot be a key is left out."""
    texts = request.POST.getlist(name) or request.GET.getlist(name)
    return [key for text in texts if (key := whole(text))]


def version_of(request: HttpRequest) -> int:
    """The version of the row that the page with the button showed; 0 where it is missing."""
    return whole(request.POST.get("version"))


def next_url(request: HttpRequest, fallback: str) -> str:
    """The path `next` that the form posted, if it stays on this site; else the fallback."""
    url = request.POST.get("next") or request.GET.get("next") or ""
    is_safe = url.startswith("/") and url_has_allowed_host_and_scheme(url, allowed_hosts=None)
    return url if is_safe else fallback
