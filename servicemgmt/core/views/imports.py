"""Importing masters from a file: upload, look at what would happen, confirm."""

import secrets
from typing import Any

from django import forms
from django.contrib import messages
from django.core.cache import cache
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from ..errors import Refused
from ..forms import submit
from ..operations import Imported, import_masters
from ..operations.imports import ERROR
from ..setup import Setup
from ..setup.importing import Table, read_table
from ..web import Request, allow, page, traceless
from .setup import setup_for

KEPT_SECONDS = 3600


class UploadForm(forms.Form):
    refusal: Refused | None = None
    file = forms.FileField(
        label=gettext_lazy("File"),
        help_text=gettext_lazy(
            "CSV in UTF-8 or XLSX, at most 2 MB and 2,000 lines. The first line names the fields."
        ),
        widget=forms.ClearableFileInput(attrs={"accept": ".csv,.xlsx"}),
    )


@require_http_methods(["GET", "POST"])
@allow()
@traceless("a dry run changes nothing")
def setup_import(request: Request, name: str) -> HttpResponse:
    """The upload; a posted file is tried without keeping anything, and what would happen is shown."""
    setup = setup_for(request, name, "add", "change")
    if request.method == "GET":
        return upload_page(request, setup, UploadForm())
    form = UploadForm(request.POST, request.FILES)
    if not form.is_valid():
        return upload_page(request, setup, form, status=422)
    file = form.cleaned_data["file"]
    table = submit(form, lambda: read_table(setup, file.name, file))
    if form.refusal:
        return upload_page(request, setup, form, status=422)
    results = import_masters(setup, table, by=request.user, dry_run=True)
    token = secrets.token_urlsafe(16)
    cache.set(cache_key(request, setup, token), (table.fields, table.lines), KEPT_SECONDS)
    return result_page(request, setup, results, token=token, file_name=file.name)


@require_POST
@allow()
def setup_import_confirm(request: Request, name: str) -> HttpResponse:
    """Do what the dry run showed, all of it or nothing."""
    setup = setup_for(request, name, "add", "change")
    key = cache_key(request, setup, request.POST.get("token", "")[:40])
    kept = cache.get(key)
    if kept is None:
        messages.error(request, _("The file is not kept any more. Upload it again."))
        return redirect("core:setup_import", setup.name)
    results = import_masters(setup, Table(*kept), by=request.user, dry_run=False)
    if any(result.action == ERROR for result in results):
        return result_page(request, setup, results, token="", status=409)
    cache.delete(key)
    counts = counted(results)
    messages.success(
        request,
        _("Imported: %(create)s new, %(change)s changed, %(same)s already so.") % counts,
    )
    return redirect("core:setup_list", setup.name)


def cache_key(request: Request, setup: Setup, token: str) -> str:
    return f"import:{request.user.pk}:{setup.name}:{token}"


def counted(results: list[Imported]) -> dict[str, int]:
    counts = dict.fromkeys(("create", "change", "same", "error"), 0)
    for result in results:
        counts[result.action] += 1
    return counts


def upload_page(request: Request, setup: Setup, form: UploadForm, *, status: int = 200) -> HttpResponse:
    fields = [describe(setup, name) for name in setup.imported]
    return page(
        request, "core/setup/import.html", {"setup": setup, "form": form, "fields": fields}, status=status
    )


def describe(setup: Setup, name: str) -> dict[str, Any]:
    """What the page says of a field: its name in the file, its label, and what may stand there."""
    field: Any = setup.model._meta.get_field(name)
    if field.choices:
        text = ", ".join(str(value) for value, _label in field.flatchoices)
    elif field.is_relation:
        text = _("code, number or name of a %(thing)s") % {"thing": field.related_model._meta.verbose_name}
    else:
        text = str(field.help_text or "")
    needed = name in setup.key or not (field.blank or field.has_default())
    return {"name": name, "label": field.verbose_name, "text": text, "needed": needed}


def result_page(
    request: Request,
    setup: Setup,
    results: list[Imported],
    *,
    token: str,
    file_name: str = "",
    status: int = 200,
) -> HttpResponse:
    counts = counted(results)
    errors = [result for result in results if result.action == ERROR]
    shown = errors[:200] + [result for result in results if result.action != ERROR][:200]
    context = {
        "setup": setup,
        "results": sorted(shown, key=lambda result: result.line),
        "left_out": len(results) - len(shown),
        "counts": counts,
        "token": token if not errors and results else "",
        "file_name": file_name,
    }
    return page(request, "core/setup/import_result.html", context, status=status)
