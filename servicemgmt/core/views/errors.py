import json

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from ..accounts.middleware import page_of


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """The form's token did not fit: usually a page left open over a sign-out. Nothing was done; offer the page again.

    A part of a page that htmx asked for stays as it is, and says it in the corner.
    """
    if request.headers.get("HX-Request"):
        toast = {
            "text": _("This page was open too long, nothing was saved. Reload it and try again."),
            "tone": "red",
        }
        return HttpResponse(
            status=403, headers={"HX-Reswap": "none", "HX-Trigger": json.dumps({"toast": toast})}
        )
    return render(request, "403.html", {"stale_form": True, "back": page_of(request)}, status=403)
