"""Objects, tasks and technicians of an order."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from orders import operations
from orders.forms import AssignForm, NotesForm, ObjectForm, TaskForm
from servicemgmt.core.web import allow

from .show import find_order, reply


@require_POST
@allow("orders.change_serviceorder")
def object_add(request: HttpRequest, number: str) -> HttpResponse:
    """Relate a service object."""
    order = find_order(request, number)
    form = ObjectForm(request.POST, order=order)
    return reply(
        request,
        order,
        lambda: operations.relate_object(
            order.pk,
            form.cleaned_data["service_object"],
            reference=form.cleaned_data["reference"],
            by=request.user,
        ),
        form=form,
        opened="relate",
        done=_("Service object related."),
    )


@require_POST
@allow("orders.change_serviceorder")
def object_remove(request: HttpRequest, number: str, pk: int) -> HttpResponse:
    """Detach a service object."""
    order = find_order(request, number)
    relation = get_object_or_404(order.object_relations, pk=pk)
    return reply(
        request,
        order,
        lambda: operations.unrelate(order.pk, relation, version=None, by=request.user),
        done=_("Service object taken off."),
    )


@require_POST
@allow("orders.change_serviceorder")
def task_add(request: HttpRequest, number: str) -> HttpResponse:
    """Relate a task."""
    order = find_order(request, number)
    form = TaskForm(request.POST)
    return reply(
        request,
        order,
        lambda: operations.relate_task(order.pk, form.cleaned_data["service_task"], by=request.user),
        form=form,
        opened="relate_task",
        done=_("Task related."),
    )


@require_POST
@allow("orders.change_serviceorder")
def task_change(request: HttpRequest, number: str, pk: int) -> HttpResponse:
    """Rewrite the notes of a task."""
    order = find_order(request, number)
    get_object_or_404(order.task_relations, pk=pk)
    form = NotesForm(request.POST)
    return reply(
        request,
        order,
        lambda: operations.change_task_notes(
            order.pk, pk, by=request.user, at=timezone.now(), **form.cleaned_data
        ),
        form=form,
        opened=f"task:{pk}",
        done=_("Notes saved."),
    )


@require_POST
@allow("orders.change_serviceorder")
def task_remove(request: HttpRequest, number: str, pk: int) -> HttpResponse:
    """Detach a task."""
    order = find_order(request, number)
    relation = get_object_or_404(order.task_relations, pk=pk)
    return reply(
        request,
        order,
        lambda: operations.unrelate(order.pk, relation, version=None, by=request.user),
        done=_("Task taken off."),
    )


@require_POST
@allow("orders.change_serviceorder")
def worker_add(request: HttpRequest, number: str) -> HttpResponse:
    """Put a technician on the order."""
    order = find_order(request, number)
    form = AssignForm(request.POST)
    return reply(
        request,
        order,
        lambda: operations.assign(
            order, form.cleaned_data["worker"], lead=form.cleaned_data["lead"], by=request.user
        ),
        form=form,
        opened="assign",
        done=_("Technician assigned."),
    )


@require_POST
@allow("orders.change_serviceorder")
def worker_remove(request: HttpRequest, number: str, pk: int) -> HttpResponse:
    """Take a technician off the order."""
    order = find_order(request, number)
    assignment = get_object_or_404(order.assignments.select_related("worker"), pk=pk)
    return reply(
        request,
        order,
        lambda: operations.unassign(order, assignment.worker, by=request.user),
        done=_("Technician taken off."),
    )
