"""What happens to agreements while they live: suspended, resumed, ended, given to somebody."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from agreements import operations
from agreements.forms import EndForm, ReasonForm, ResponsibleForm, ResumeForm
from agreements.models import ServiceAgreement
from agreements.quoting.rules import why_not_in_force
from servicemgmt.core.display import moment
from servicemgmt.core.errors import Sentence
from servicemgmt.core.forms import submit
from servicemgmt.core.web import allow, form_status, next_url, page, ticked, traceless
from servicemgmt.masterdata.queries import company_today

from .find import CHANGE, agreement_of, crumbs_of


@require_http_methods(["GET", "POST"])
@allow(CHANGE)
def suspend(request: HttpRequest, number: str) -> HttpResponse:
    """AG-05, with a reason."""
    agreement = agreement_of(number)
    return asked(
        request,
        agreement,
        ReasonForm(request.POST or None, initial={"version": agreement.version}),
        partial(operations.suspend, agreement.pk, by=request.user, on=company_today()),
        title=_("Suspend %(number)s") % {"number": number},
        text=_("Nothing is created from the agreement until it goes on, and its lines are not copied."),
        consequences=[STAY],
        label=_("Suspend"),
        done=_("%(number)s is suspended: nothing is created from it.") % {"number": number},
        why_not=operations.why_not_suspend(agreement),
    )


STAY = _lazy("Orders that are there already stay as they are.")


def asked(
    request: HttpRequest,
    agreement: ServiceAgreement,
    form: forms.Form,
    work: Callable[..., Any],
    *,
    title: str,
    text: str,
    consequences: Sequence[Sentence],
    label: str,
    done: str,
    why_not: Sentence | None = None,
    then: Callable[[Any], ServiceAgreement] | None = None,
) -> HttpResponse:
    """Ask before something happens to the agreement, do it, and ask once more after what was wrong with the answer.

    `why_not` is why nothing of it can be done now: nobody is asked then, the agreement's page says so. `then` finds the
    agreement that is shown afterwards in what the work gave; without it this one is.
    """
    if why_not and request.method == "GET":
        messages.error(request, why_not)
        return redirect("agreements:agreement", agreement.number)
    if form.is_valid():
        made = submit(form, lambda: work(**form.cleaned_data))
        if getattr(form, "refusal", None) is None:
            messages.success(request, done)
            return redirect("agreements:agreement", (then(made) if then else agreement).number)
    context = {
        "form": form,
        "title": title,
        "text": text,
        "consequences": consequences,
        "submit_label": label,
        "cancel_url": reverse("agreements:agreement", args=[agreement.number]),
        "tone": "primary",
        "crumbs": crumbs_of(agreement),
    }
    return page(request, "core/confirm.html", context, status=form_status(form))


@require_http_methods(["GET", "POST"])
@allow(CHANGE)
def resume(request: HttpRequest, number: str) -> HttpResponse:
    """Go on after a rest, with the term as it is or longer by the rest."""
    agreement, today = agreement_of(number), company_today()
    form = ResumeForm(
        request.POST or None, initial={"version": agreement.version}, agreement=agreement, on=today
    )
    return asked(
        request,
        agreement,
        form,
        partial(operations.resume, agreement.pk, by=request.user, on=today),
        title=_("Go on with %(number)s") % {"number": number},
        text=_("Visits are created from the agreement again."),
        consequences=[_("Lines that were stopped by themselves stay stopped.")],
        label=_("Go on"),
        done=_("%(number)s goes on.") % {"number": number},
        why_not=operations.why_not_resume(agreement),
    )


@require_http_methods(["GET", "POST"])
@allow("agreements.end_serviceagreement")
def end(request: HttpRequest, number: str) -> HttpResponse:
    """End with a last day and a reason."""
    agreement = agreement_of(number)
    form = EndForm(request.POST or None, initial={"version": agreement.version, "on": company_today()})
    return asked(
        request,
        agreement,
        form,
        partial(operations.end, agreement.pk, by=request.user),
        title=_("End %(number)s") % {"number": number},
        text=_("No visit is created for days after the last one."),
        consequences=[STAY, *goes_on(agreement)],
        label=_("End the agreement"),
        done=_("%(number)s ends.") % {"number": number},
        why_not=why_not_in_force(agreement),
    )


def goes_on(agreement: ServiceAgreement) -> list[str]:
    """What an end leaves as it is: the agreement that renews this one."""
    after = ServiceAgreement.objects.filter(predecessor=agreement).first()
    if after is None:
        return []
    return [
        _("%(number)s, which renews it from %(day)s, goes on: end it too if need be.")
        % {"number": after.number, "day": moment(after.start_date)}
    ]


@require_POST
@allow(CHANGE)
@traceless("only asks; the page it leads to writes")
def chosen_responsible(request: HttpRequest) -> HttpResponse:
    """The ticked rows of the list, on their way to the form."""
    chosen = ticked(request)
    if not chosen:
        messages.error(request, _("Tick the agreements first."))
        return redirect(next_url(request, reverse("agreements:agreements")))
    query = "&".join(f"pk={pk}" for pk in chosen)
    return redirect(f"{reverse('agreements:responsible')}?{query}")


@require_http_methods(["GET", "POST"])
@allow(CHANGE)
def responsible(request: HttpRequest) -> HttpResponse:
    """AG-20: one responsible for several agreements."""
    initial = {"pk": ticked(request)}
    form = ResponsibleForm(request.POST or None, initial=initial)
    if not form.is_valid():
        context = {
            "form": form,
            "title": _("Set responsible"),
            "text": ngettext(
                "For %(count)d agreement.", "For %(count)d agreements.", len(form["pk"].value() or [])
            )
            % {"count": len(form["pk"].value() or [])},
            "submit_label": _("Set"),
            "cancel_url": reverse("agreements:agreements"),
            "tone": "primary",
            "crumbs": crumbs_of(),
        }
        return page(request, "core/confirm.html", context, status=form_status(form))
    chosen = [row.pk for row in form.cleaned_data["pk"]]
    count = operations.set_responsible(chosen, responsible=form.cleaned_data["responsible"], by=request.user)
    messages.success(
        request,
        ngettext("%(count)d agreement changed.", "%(count)d agreements changed.", count) % {"count": count},
    )
    return redirect("agreements:agreements")
