"""Asking the board and the technician's pages."""

from django.urls import reverse

from tests.make_money import TODAY
from tests.make_orders import move

BOARD = f"/dispatch/board/?day={TODAY}"
JSON = {"HTTP_ACCEPT": "application/json"}


def board(client, **query):
    return client.get(reverse("dispatch:board"), {"day": TODAY, **query})


def rows(response):
    """The rows of a board that was answered, by the worker's name."""
    return {row.name: row for row in response.context["board"].rows}


def fields(worker, **changes):
    """What the form of a booking posts."""
    return {"worker": worker.pk, "day": TODAY, "start": "10:00", "minutes": 60, "version": 1, **changes}


def job(visit, *parts):
    """The address of a job, or of a part of its page."""
    return "/".join(["/dispatch/jobs", str(visit.pk), *parts, ""])


def begun(visit):
    """The order of a visit that is being worked on."""
    move(visit.activity.order, "INPROCESS")
    return visit.activity.order
