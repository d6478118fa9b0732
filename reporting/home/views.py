"""The start page."""

from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from servicemgmt.core.roles import TECHNICIAN
from servicemgmt.core.web import Request, allow, page

from .numbers import Numbers
from .sections import SECTIONS, sections_for


@require_GET
@allow()
def home(request: Request) -> HttpResponse:
    """What needs doing, for each role of the user; who is a technician only goes straight to his day."""
    roles = roles_of(request)
    if roles == {TECHNICIAN} and (day := day_url()):
        return redirect(day)
    now = Numbers(timezone.now())
    sections = sections_for(roles, now)
    name = request.user.name.split(" ")[0]
    context = {
        "title": _("Hello %(name)s") % {"name": name} if name else _("Home"),
        "sections": sections,
        "today": now.today,
        "several": len(sections) > 1,
    }
    return page(request, "reporting/home.html", context)


def roles_of(request: Request) -> set[str]:
    """The names of the user's roles; for a superuser every role of the office."""
    if request.user.is_superuser:
        return set(SECTIONS) - {TECHNICIAN}
    return set(request.user.groups.values_list("name", flat=True))


def day_url() -> str:
    try:
        return reverse("dispatch:day")
    except NoReverseMatch:
        return ""
