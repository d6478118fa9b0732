"""The setup pages: every small master through the same few views."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.forms import ValidationError
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from ..errors import Refused, Stale
from ..forms import submit
from ..lists import list_page
from ..lists.counts import capped_counts
from ..operations import delete_master, end_master, save_master
from ..setup import SETUPS, Setup
from ..setup.forms import form_of, formsets_of
from ..setup.spec import spec_of
from ..web import Request, allow, attempt, next_url, page, status_of, version_of


def setup_for(request: Request, name: str, *verbs: str) -> Setup:
    """The master of that name. 404 where there is none, 403 where the user may not view it or lacks a verb."""
    if name not in SETUPS:
        raise Http404
    setup = SETUPS[name]
    if not all(setup.allows(request.user, verb) for verb in ("view", *verbs)):
        raise PermissionDenied
    return setup


@require_GET
@allow()
def index(request: Request) -> HttpResponse:
    """Every master the user may view, by section, with what it is for and how many there are."""
    mine = [setup for setup in SETUPS.values() if setup.allows(request.user, "view")]
    counts = capped_counts([setup.model._default_manager.all() for setup in mine])
    sections: dict[str, list[dict[str, Any]]] = {}
    for setup, count in zip(mine, counts, strict=True):
        entry = {"setup": setup, "count": "" if setup.single else count}
        sections.setdefault(str(setup.section), []).append(entry)
    return page(request, "core/setup/index.html", {"sections": sections})


@require_GET
@allow()
def setup_list(request: Request, name: str) -> HttpResponseBase:
    setup = setup_for(request, name)
    if setup.single and (pk := setup.model._default_manager.values_list("pk", flat=True).first()):
        return redirect("core:setup_edit", name, pk)
    spec = spec_of(setup, timezone.localdate())
    rows = setup.model._default_manager.all()
    return list_page(request, spec, rows, template="core/setup/list.html", context={"setup": setup})


@require_http_methods(["GET", "POST"])
@allow()
def setup_new(request: Request, name: str) -> HttpResponse:
    setup = setup_for(request, name, "add")
    return edited(request, setup, None)


@require_http_methods(["GET", "POST"])
@allow()
def setup_edit(request: Request, name: str, pk: str) -> HttpResponse:
    setup = setup_for(request, name, *(["change"] if request.method == "POST" else []))
    return edited(request, setup, row_of(setup, pk))


def row_of(setup: Setup, pk: str) -> Any:
    try:
        return get_object_or_404(setup.model, pk=pk)
    except (ValueError, ValidationError):
        raise Http404 from None


def edited(request: Request, setup: Setup, row: Any) -> HttpResponse:
    """The form of a row (None: a new one), and what becomes of it when it is posted."""
    can_change = setup.allows(request.user, "add" if row is None else "change")
    if request.method == "GET":
        return form_page(request, setup, row, locked=not can_change)
    form = form_of(setup, row or setup.model(), request.POST)
    formsets = formsets_of(setup, row or setup.model(), request.POST)
    if not all([form.is_valid(), *(formset.is_valid() for formset in formsets)]):
        return form_page(request, setup, row, form=form, formsets=formsets, status=422)
    children = {formset.child.name: formset.rows for formset in formsets}
    saved = submit(
        form,
        lambda: save_master(
            setup,
            row.pk if row else None,
            values=form.values,
            children=children,
            version=form.version if row else None,
            by=request.user,
        ),
    )
    if isinstance(form.refusal, Stale):
        return stale_page(request, setup, row, form)
    if form.refusal:
        return form_page(request, setup, row, form=form, formsets=formsets, status=status_of(form.refusal))
    messages.success(request, _("“%(row)s” is saved.") % {"row": saved})
    usual = (
        reverse("core:setup_edit", args=[setup.name, saved.pk])
        if setup.single
        else reverse("core:setup_list", args=[setup.name])
    )
    return redirect(next_url(request, usual))


def stale_page(request: Request, setup: Setup, row: Any, typed: Any) -> HttpResponse:
    """The row as it stands now, with what was typed beside it, so that nothing typed is lost unseen."""
    fresh = setup.model._default_manager.filter(pk=row.pk).first()
    if fresh is None:
        messages.error(request, str(typed.refusal))
        return redirect("core:setup_list", setup.name)
    lost = [(typed[name].label, typed[name].value()) for name in typed.changed_data if name != "version"]
    extra = {"stale": str(typed.refusal), "lost": lost}
    return form_page(request, setup, fresh, status=409, extra=extra)


def form_page(
    request: Request,
    setup: Setup,
    row: Any,
    *,
    form: Any = None,
    formsets: Any = None,
    locked: bool = False,
    status: int = 200,
    extra: dict[str, Any] | None = None,
) -> HttpResponse:
    blank = row or setup.model()
    whence = reverse("core:setup") if setup.single else reverse("core:setup_list", args=[setup.name])
    context = {
        "setup": setup,
        "next": next_url(request, ""),
        "back_url": next_url(request, whence),
        "row": setup.model._default_manager.get(pk=row.pk) if row and form else row,
        "form": form or form_of(setup, blank, locked=locked),
        "formsets": formsets or formsets_of(setup, blank, locked=locked),
        "locked": locked,
        "explained": setup.explain(row, timezone.localdate()) if setup.explain and row and not form else (),
        "can_delete": row is not None and setup.allows(request.user, "delete"),
        "can_end": row is not None and setup.has_end and setup.allows(request.user, "change"),
        "has_ended": bool(row and setup.has_end and row.ended_on and row.ended_on <= timezone.localdate()),
        **(extra or {}),
    }
    return page(request, "core/setup/edit.html", context, status=status)


@require_POST
@allow()
def setup_end(request: Request, name: str, pk: str) -> HttpResponse:
    """Offer it no more from today on, or again."""
    setup = setup_for(request, name, "change")
    row = row_of(setup, pk)
    on = None if request.POST.get("again") else timezone.localdate()
    done = _("It is offered again.") if on is None else _("It is offered no more from today on.")

    def end() -> None:
        end_master(setup, row.pk, on=on, version=version_of(request), by=request.user)

    return attempt(request, end, done=done, to="core:setup_edit", name=setup.name, pk=row.pk)


@require_POST
@allow()
def setup_delete(request: Request, name: str, pk: str) -> HttpResponse:
    setup = setup_for(request, name, "delete")
    row = row_of(setup, pk)
    try:
        delete_master(setup, row.pk, version=version_of(request), by=request.user)
    except Refused as refusal:
        locked = not setup.allows(request.user, "change")
        return form_page(request, setup, row, locked=locked, status=409, extra={"stale": str(refusal)})
    messages.success(request, _("“%(row)s” is deleted.") % {"row": row})
    return redirect(next_url(request, reverse("core:setup_list", args=[setup.name])))
