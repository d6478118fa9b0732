"""Planning visits from agreements: preview first, then the run (SO-A01, SO-A02)."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from agreements.filters import AgreementFilter
from agreements.models import ServiceAgreement
from orders.generation import Loaded, load, start_generation, start_preview
from orders.generation.preview import Preview, digest, preview
from orders.generation.run import check_options, check_ready, why_not_lines
from orders.planning import Options, Plan
from orders.rules import why_not_agreement
from servicemgmt.core.display import number
from servicemgmt.core.errors import Refused
from servicemgmt.core.forms import DateInput, dress, submit
from servicemgmt.core.periods import Period, step
from servicemgmt.core.web import allow, next_url, page, status_of, ticked, traceless
from servicemgmt.masterdata.queries import company_today
from servicemgmt.projects.models import LineKind

CREATE = "orders.add_serviceorder"

#: How many agreements one run takes.
MOST = 50_000


class PlanForm(forms.Form):
    """SO-A02: from when to when (both days included), which types of lines, and whether gaps are filled."""

    start = forms.DateField(label=gettext_lazy("From"), widget=DateInput)
    end = forms.DateField(label=gettext_lazy("To"), widget=DateInput)
    kinds = forms.MultipleChoiceField(
        label=gettext_lazy("Types of lines"), choices=LineKind.choices, widget=forms.CheckboxSelectMultiple
    )
    continuous = forms.BooleanField(
        label=gettext_lazy("Fill gaps"),
        required=False,
        help_text=gettext_lazy("Also create dates before the latest existing order whose order was deleted."),
    )
    line = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if not self.errors:
            try:
                check_options(self.options)
            except Refused as refusal:
                self.add_error("end", str(refusal))
        return cleaned

    @property
    def options(self) -> Options:
        """What a valid form asks for."""
        found = self.cleaned_data
        lines = frozenset({found["line"]} if found["line"] else ())
        period = Period(found["start"], found["end"])
        today = company_today()
        return Options(period, frozenset(found["kinds"]), found["continuous"], lines, today=today)


def next_quarter(today: date) -> Period:
    """What is planned unless told otherwise."""
    this = today.replace(month=(today.month - 1) // 3 * 3 + 1, day=1)
    start = step(this, "QUARTER", 1)
    return Period(start, step(this, "QUARTER", 2) - timedelta(days=1))


def form_for(data: Any) -> PlanForm:
    """The form as asked, or with what is usual where nothing is asked yet."""
    period = next_quarter(company_today())
    usual = {
        "start": period.start.isoformat(),
        "end": period.end.isoformat(),
        "kinds": list(LineKind.values),
        "line": data.get("line", ""),
    }
    form = PlanForm(data if "start" in data else usual)
    dress(form)
    return form


@require_http_methods(["GET", "POST"])
@allow(CREATE)
def plan(request: HttpRequest, number: str) -> HttpResponse:
    """The visits of one agreement, or of one `line` of it: shown order by order, then created as a run (SO-A01)."""
    agreement = get_object_or_404(ServiceAgreement.objects.select_related("customer"), number=number)
    data = request.POST if request.method == "POST" else request.GET
    form = form_for(data)
    loaded = load([agreement.pk], form.options.period)[0] if form.is_valid() else None
    found = loaded.plan(form.options) if loaded else None
    lines = form.options.lines if loaded else ()
    context = {
        "agreement": agreement,
        "form": form,
        "line": loaded and loaded.lines.get(form.cleaned_data["line"]),
        "preview": shown(loaded, found) if loaded and found else None,
        "digest": digest(found) if found else "",
        "hidden": hidden(form, data) if found else [],
        "refusal": why_not_agreement(agreement) or why_not_lines(lines) or why_not_ready(),
        "form_url": reverse("orders:plan", args=[number]),
    }
    if request.method == "GET" or not form.is_valid():
        status = 422 if form.errors else 200
        return page(request, "orders/plan.html", context, regions=["preview"], status=status)
    if request.POST.get("digest") != context["digest"]:
        return page(request, "orders/plan.html", context | {"refused": CHANGED}, status=409)
    run = submit(form, lambda: start_generation([agreement.pk], form.options, by=request.user))
    if form.refusal:
        status = status_of(form.refusal)
        return page(request, "orders/plan.html", context | {"refused": str(form.refusal)}, status=status)
    return redirect("core:run", run.pk)


CHANGED = gettext_lazy("Something changed since the preview was made. This is what would be created now.")


@require_http_methods(["GET", "POST"])
@allow(CREATE)
def plan_many(request: HttpRequest) -> HttpResponse:
    """SO-A01 (3): the visits of all agreements that a filter finds, or of those ticked in the list (?pk=)."""
    data = request.POST if request.method == "POST" else request.GET
    form, filters, ids = form_for(data), *chosen(data, request)
    context: dict[str, Any] = {
        "form": form,
        "filter_form": filters.form,
        "count": len(ids),
        "hidden": hidden(form, data) if form.is_valid() else [],
        "picked": data.getlist("pk"),
        "refusal": why_not_ready() or too_many(ids),
        "form_url": reverse("orders:plan_many"),
    }
    if too_many(ids):
        return page(request, "orders/plan_many.html", context, regions=["preview"], status=409)
    if form.is_valid():
        context |= summary(ids, form.options, data)
    if request.method == "GET" or not form.is_valid():
        status = 422 if form.errors else 200
        return page(request, "orders/plan_many.html", context, regions=["preview"], status=status)
    if request.POST.get("digest") != context["digest"]:
        return page(request, "orders/plan_many.html", context | {"refused": CHANGED}, status=409)
    run = submit(form, lambda: start_generation(ids, form.options, by=request.user))
    if form.refusal:
        context["refused"] = str(form.refusal)
        return page(request, "orders/plan_many.html", context, status=status_of(form.refusal))
    return redirect("core:run", run.pk)


@require_POST
@allow(CREATE)
def preview_all(request: HttpRequest) -> HttpResponse:
    """All that a filter finds, more than a page can wait for, planned by a run that creates nothing."""
    form, (_filters, ids) = form_for(request.POST), chosen(request.POST, request)
    if not form.is_valid() or too_many(ids):
        return plan_many(request)
    try:
        run = start_preview(ids, form.options, by=request.user)
    except Refused as refusal:
        messages.error(request, str(refusal))
        return redirect("orders:plan_many")
    return redirect("core:run", run.pk)


@require_POST
@allow(CREATE)
@traceless("only asks; the page it leads to starts the run")
def plan_chosen(request: HttpRequest) -> HttpResponse:
    """The ticked rows of the list of agreements, on their way to the preview."""
    picked = ticked(request)
    if not picked:
        messages.error(request, _("Tick the agreements first."))
        return redirect(next_url(request, reverse("agreements:agreements")))
    query = "&".join(f"pk={pk}" for pk in picked)
    return redirect(f"{reverse('orders:plan_many')}?{query}")


def chosen(data: Any, request: HttpRequest) -> tuple[Any, list[int]]:
    """The filter and the agreements it finds: contracts, in the order of their keys."""
    rows = ServiceAgreement.objects.contracts()
    picked = ticked(request)
    if picked:
        rows = rows.filter(pk__in=picked)
    filters = AgreementFilter(data=data, queryset=rows, request=request)
    dress(filters.form)
    found = filters.qs if filters.form.is_valid() else rows.none()
    return filters, list(found.order_by("pk").values_list("pk", flat=True))


def too_many(ids: list[int]) -> str:
    """Why so many agreements are not planned in one run, or nothing."""
    if len(ids) <= MOST:
        return ""
    return _("%(count)s agreements are found; one run plans at most %(most)s. Narrow the filter.") % {
        "count": number(len(ids)),
        "most": number(MOST),
    }


def hidden(form: PlanForm, data: Any) -> list[tuple[str, str]]:
    """What the button that creates sends along: the options as they were previewed, the filter and the ticked rows."""
    options = form.options
    found = [("start", options.period.start.isoformat()), ("end", options.period.end.isoformat())]
    found += [("kinds", kind) for kind in form.cleaned_data["kinds"]]
    found += [("continuous", "on")] if options.continuous else []
    found += [("line", str(pk)) for pk in options.lines]
    own = {*form.fields, "csrfmiddlewaretoken", "digest"}
    return found + [(name, value) for name, values in data.lists() if name not in own for value in values]


def why_not_ready() -> str:
    """SO-A15: why no order can be created at all, or nothing."""
    try:
        check_ready()
    except Refused as refusal:
        return str(refusal)
    return ""


def shown(loaded: Loaded, found: Plan) -> dict[str, Any]:
    """A plan as the page shows it: order by order with the site, and what is passed over."""
    sites = loaded.surroundings.sites
    return {
        "orders": [{"order": order, "site": sites.get(order.site)} for order in found.orders],
        "skipped": found.skipped,
        "forecast": found.forecast,
        "order_count": len(found.created),
        "join_count": len(found.joined),
        "line_count": found.line_count,
        "conflicts": sum(order.conflict for order in found.orders),
        "not_yet": sum(skip.code == "not yet" for skip in found.skipped),
    }


def summary(ids: Sequence[int], options: Options, data: Any) -> dict[str, Any]:
    """What would be created from many agreements, a page of them told one by one; see `preview`."""
    asked = data.get("page", "")
    found = preview(ids, options, page=int(asked) if asked.isdecimal() and len(asked) < LONGEST_PAGE else 1)
    return {
        "rows": [{"told": row, "url": plan_url(row.agreement, options)} for row in found.rows],
        "totals": found.totals,
        "is_whole": found.is_whole,
        "page_note": page_note(found, len(ids)),
        "first_url": page_url(data, 1) if found.page > 1 else "",
        "next_url": page_url(data, found.page + 1) if found.page < found.pages else "",
        "digest": found.digest,
    }


#: More digits than a page has.
LONGEST_PAGE = 8


def page_note(found: Preview, count: int) -> str:
    """Which of the agreements are told on the page."""
    return _("%(first)s–%(last)s of %(count)s agreements") % {
        "first": found.first,
        "last": found.first + len(found.rows) - 1,
        "count": count,
    }


def page_url(data: Any, number: int) -> str:
    """Another page of the same preview."""
    query = data.copy()
    query["page"] = str(number)
    for name in ("csrfmiddlewaretoken", "digest"):
        query.pop(name, None)
    return f"{reverse('orders:plan_many')}?{query.urlencode()}"


def plan_url(agreement: ServiceAgreement, options: Options) -> str:
    """The preview of one of many, with the same options."""
    query = [f"start={options.period.start}", f"end={options.period.end}"]
    query += [f"kinds={kind}" for kind in sorted(options.kinds)]
    query += ["continuous=on"] if options.continuous else []
    return f"{reverse('orders:plan', args=[agreement.number])}?{'&'.join(query)}"
