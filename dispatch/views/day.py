"""The technician's day: today's jobs, the next one on top; and the worker that keeps them readable without a net."""

from datetime import timedelta

from django.http import Http404, HttpResponse
from django.template.loader import render_to_string
from django.utils import timezone
from django.views.decorators.http import require_safe

from dispatch.filters import day_of
from dispatch.queries.day import (
    jobs_of,
    next_day_with_jobs,
    next_job,
    span_of,
    steps_from,
    today_of,
    worker_of,
)
from dispatch.queries.job import geo_link, phone_numbers
from servicemgmt.core.web import Request, allow, page

from .job import press_forms
from .present import device_words


@require_safe
@allow("dispatch.work_own_day")
def day(request: Request) -> HttpResponse:
    """One's own jobs of a day, at most 14 days away; today without a day."""
    worker = worker_of(request.user)
    if worker is None:
        return page(request, "dispatch/day.html", {"worker": None})
    now = timezone.now()
    today = today_of(worker, now)
    shown = day_of(request.GET.get("on", "")) or today
    first, last = span_of(today)
    if not first <= shown <= last:
        raise Http404
    jobs = jobs_of(worker, shown)
    next_one = next_job(jobs) if shown == today else None
    cards = [
        {
            "booking": job,
            "order": job.activity.order,
            "zone": job.activity.order.site.time_zone,
            "geo": geo_link(job.activity.order.site),
            "phones": phone_numbers(job.activity.order)[:1],
            "is_next": next_one is not None and job.pk == next_one.pk,
            "presses": press_forms(job.status),
            "has_steps": bool(steps_from(job.status)),
        }
        for job in jobs
    ]
    cards.sort(key=lambda card: not card["is_next"])
    context = {
        "worker": worker,
        "day": shown,
        "today": today,
        "now": now,
        "jobs": cards,
        "device_words": device_words(),
        "next_day": None if jobs else next_day_with_jobs(worker, shown, last),
        "left": sum(job.status != "DONE" for job in jobs),
        "earlier": shown - timedelta(days=1) if shown > first else None,
        "later": shown + timedelta(days=1) if shown < last else None,
    }
    return page(request, "dispatch/day.html", context)


@require_safe
@allow("dispatch.work_own_day")
def service_worker(request: Request) -> HttpResponse:
    """The script that keeps the day readable without a net. Served from here so that it governs /dispatch/ alone."""
    response = HttpResponse(
        render_to_string("dispatch/sw.js", {}, request),
        content_type="text/javascript; charset=utf-8",
    )
    response["Cache-Control"] = "no-cache"
    return response
