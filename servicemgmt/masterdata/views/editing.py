"""The form page that customers, sites, contacts and employees share."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from servicemgmt.core.forms import ModelForm, submit
from servicemgmt.core.web import page, status_of


def edited(
    request: HttpRequest,
    form_class: type[ModelForm],
    work: Callable[[ModelForm], Any],
    *,
    title: str,
    crumbs: list[dict[str, str]],
    done_url: Callable[[Any], str],
    instance: Any = None,
    initial: dict[str, Any] | None = None,
) -> HttpResponse:
    """Show the form; when it is posted and `work` does not refuse, go to the row's page.

    Who cancels goes back to the last of the crumbs, the pages above this one.
    """
    form = form_class(request.POST or None, instance=instance, initial=initial)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            saved = submit(form, lambda: work(form))
            if form.refusal is None:
                messages.success(request, _("“%(row)s” is saved.") % {"row": saved})
                return redirect(done_url(saved))
            status = status_of(form.refusal)
    context = {"form": form, "title": title, "crumbs": crumbs, "cancel_url": crumbs[-1]["url"]}
    return page(request, "core/form.html", context, status=status)


def crumb(label: Any, view: str, *args: Any) -> dict[str, str]:
    """A page above the shown one: its name and where it is."""
    return {"label": str(label), "url": reverse(view, args=args)}
