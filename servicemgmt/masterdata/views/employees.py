from typing import Any

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from servicemgmt.core.audit import subject_of
from servicemgmt.core.forms import submit
from servicemgmt.core.lists import list_page
from servicemgmt.core.web import allow, attempt, page, status_of

from .. import operations
from ..forms import AbsenceForm, EmployeeForm, SkillForm
from ..lists import EMPLOYEES
from ..models import Absence, Employee, EmployeeSkill
from ..queries import company, company_today
from .editing import crumb, edited


@require_GET
@allow("masterdata.view_employee")
def employees(request: HttpRequest) -> HttpResponseBase:
    return list_page(request, EMPLOYEES, Employee.objects.all())


def shown(request: HttpRequest, found: Employee, *, status: int = 200, **forms: Any) -> HttpResponse:
    """The page of a worker, with the small forms for skills and absences as they stand."""
    context = {
        "employee": found,
        "subject": subject_of(found),
        "title": found.name,
        "subtitle": found.number,
        "facts": [
            (_("Kind"), found.get_kind_display()),
            (_("Team"), found.team),
            (_("Signs in as"), found.user.email if found.user else ""),
            (_("Phone"), found.phone, f"tel:{found.phone.replace(' ', '')}" if found.phone else ""),
            (_("E-mail"), found.email),
            (_("Time zone"), found.time_zone),
            (_("Calendar"), found.calendar or (found.team and found.team.calendar) or company().calendar),
            (_("Left on"), found.ended_on),
        ],
        "skills": found.skills.select_related("skill").order_by("skill__code"),
        "absences": found.absences.filter(during__endswith__gte=timezone.now()).order_by("during"),
        "today": company_today(),
        "skill_form": SkillForm(prefix="skill"),
        "absence_form": AbsenceForm(prefix="absence"),
        **forms,
    }
    return page(request, "masterdata/employee.html", context, status=status)


def employee_by(number: str) -> Employee:
    return get_object_or_404(
        Employee.objects.select_related("team__calendar", "user", "calendar"), number=number
    )


@require_GET
@allow("masterdata.view_employee")
def employee(request: HttpRequest, number: str) -> HttpResponse:
    return shown(request, employee_by(number))


@require_http_methods(["GET", "POST"])
@allow("masterdata.add_employee")
def employee_new(request: HttpRequest) -> HttpResponse:
    return edited(
        request,
        EmployeeForm,
        lambda form: operations.create_employee(by=request.user, **form.values),
        title=_("New employee"),
        crumbs=[crumb(_("Employees"), "masterdata:employees")],
        done_url=lambda row: reverse("masterdata:employee", args=[row.number]),
        initial={"time_zone": company().time_zone},
    )


@require_http_methods(["GET", "POST"])
@allow("masterdata.change_employee")
def employee_edit(request: HttpRequest, number: str) -> HttpResponse:
    found = get_object_or_404(Employee, number=number)
    url = reverse("masterdata:employee", args=[number])
    return edited(
        request,
        EmployeeForm,
        lambda form: operations.save_employee(found.pk, version=form.version, by=request.user, **form.values),
        title=_("Edit %(name)s") % {"name": found.name},
        crumbs=[
            crumb(_("Employees"), "masterdata:employees"),
            crumb(found.number, "masterdata:employee", found.number),
        ],
        done_url=lambda row: url,
        instance=found,
    )


@require_POST
@allow("masterdata.change_employee")
def skill_add(request: HttpRequest, number: str) -> HttpResponse:
    found, form = employee_by(number), SkillForm(request.POST, prefix="skill")
    if not form.is_valid():
        return shown(request, found, status=422, skill_form=form)
    operations.give_skill(
        found, form.cleaned_data["skill"], by=request.user, expires_on=form.cleaned_data["expires_on"]
    )
    return redirect("masterdata:employee", number)


@require_POST
@allow("masterdata.change_employee")
def skill_remove(request: HttpRequest, number: str, pk: int) -> HttpResponse:
    row = get_object_or_404(
        EmployeeSkill.objects.select_related("skill", "employee"), pk=pk, employee__number=number
    )
    return attempt(
        request,
        lambda: operations.take_skill(row.employee, row.skill, by=request.user),
        to="masterdata:employee",
        number=number,
    )


@require_POST
@allow("masterdata.change_employee")
def absence_add(request: HttpRequest, number: str) -> HttpResponse:
    found, form = employee_by(number), AbsenceForm(request.POST, prefix="absence")
    if form.is_valid():
        submit(form, lambda: operations.add_absence(found, by=request.user, **form.cleaned_data))
        if form.refusal is None:
            return redirect("masterdata:employee", number)
        return shown(request, found, status=status_of(form.refusal), absence_form=form)
    return shown(request, found, status=422, absence_form=form)


@require_POST
@allow("masterdata.change_employee")
def absence_remove(request: HttpRequest, number: str, pk: int) -> HttpResponse:
    row = get_object_or_404(Absence.objects.select_related("employee"), pk=pk, employee__number=number)
    return attempt(
        request,
        lambda: operations.remove_absence(row, by=request.user),
        to="masterdata:employee",
        number=number,
    )
