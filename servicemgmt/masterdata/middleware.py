import zoneinfo
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.utils import timezone, translation

from .queries import company_zone


class PreferencesMiddleware:
    """Show pages in the user's language and time zone; the company's zone where he has chosen none."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        user = request.user
        if not user.is_authenticated:
            return self.get_response(request)
        zone = zoneinfo.ZoneInfo(user.time_zone or company_zone())
        with translation.override(user.language), timezone.override(zone):
            return self.get_response(request)
