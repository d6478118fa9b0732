"""A page that is sent twice does its work once: a second click without JavaScript, or “back” and once more."""

import hashlib
import time
from collections.abc import Callable

from django.contrib import messages
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

#: What a form calls the visit to its page.
VISIT = "page_visit"
#: How long an answer is remembered, and how long a second sending waits for the first one's, in seconds.
REMEMBERED, PATIENCE, STEP = 3600, 10, 0.1


class SentOnceMiddleware:
    """Lead the second sending of a form to what came of the first.

    Equal words come from one page where the visit to it is the same: static/js/visit.js names it, also after going
    back, when browsers ask for the page anew. Without scripts the CSRF token has to do, which is masked anew each time
    a page is made. Whoever changes a word after going back means a new thing, and gets it. Only what led somewhere
    counts: a refused form may be sent again. Requests of scripts are not looked at; entries of a device have keys of
    their own (architecture 19).
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not is_form_of_a_page(request):
            return self.get_response(request)
        key = key_of(request)
        if not cache.add(key, "", REMEMBERED):
            address = answer_of(key)
            if address:
                messages.info(request, _("This was sent already; nothing was done a second time."))
                return redirect(address)
        response = self.get_response(request)
        if 300 <= response.status_code < 400:
            cache.set(key, response["Location"], REMEMBERED)
        else:
            cache.delete(key)
        return response


def is_form_of_a_page(request: HttpRequest) -> bool:
    return (
        request.method == "POST"
        and request.user.is_authenticated
        and request.content_type == "application/x-www-form-urlencoded"
        and "HX-Request" not in request.headers
        and "csrfmiddlewaretoken" in request.POST
    )


def key_of(request: HttpRequest) -> str:
    """Who sent what where, and from which page: its visit, or its token where it has none."""
    words = request.POST.copy()
    if words.get(VISIT):
        del words["csrfmiddlewaretoken"]
    parts = f"{request.user.pk} {request.get_full_path()} {words.urlencode()}"
    return f"sent-once:{hashlib.sha256(parts.encode()).hexdigest()}"


def answer_of(key: str) -> str:
    """Where the first sending led; '' where it led nowhere or takes too long."""
    for _step in range(int(PATIENCE / STEP)):
        address = cache.get(key)
        if address != "":
            return str(address or "")
        time.sleep(STEP)
    return ""
