"""The documents about what customers owe: statements, made anew, and reminders, from the archive."""

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from servicemgmt.core.web import Request, allow
from servicemgmt.masterdata.models import Customer
from servicemgmt.masterdata.queries import company_today
from servicemgmt.projects.models import Reminder
from servicemgmt.projects.receivables.forms import StatementForm
from servicemgmt.projects.receivables.queries import usual_days

from .answer import answer, answer_kept, wants_html
from .archive import archived_reminder
from .receivables import reminder_context, statement_context


@require_GET
@allow("projects.view_customeritem")
def statement_pdf(request: Request, number: str) -> HttpResponse:
    """A customer's account `?first=` to `?last=`, both days included; without them the last three months."""
    customer = get_object_or_404(Customer, number=number)
    days = usual_days(company_today())
    if "first" in request.GET:
        form = StatementForm(request.GET)
        if not form.is_valid():
            raise Http404(_("Name the first and the last day."))
        days = form.cleaned_data
    context = statement_context(customer, days["first"], days["last"])
    return answer(request, "documents/statement.html", context, name=f"{number}-statement")


@require_GET
@allow("projects.view_reminder")
def reminder_pdf(request: Request, number: str) -> HttpResponse:
    """A reminder: the PDF from the archive, or the page to print."""
    reminder = get_object_or_404(Reminder, number=number)
    if wants_html(request):
        return answer(request, "documents/reminder.html", reminder_context(reminder), name=number)
    return answer_kept(request, lambda: archived_reminder(reminder))
