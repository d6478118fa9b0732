from django.http import HttpRequest, HttpResponse
from django.shortcuts import render


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """The form's token did not fit: usually a page left open over a sign-out."""
    return render(request, "403.html", {"stale_form": True}, status=403)
