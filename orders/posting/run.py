"""The run that posts many orders, each by itself: what one of them meets stops no other."""

from collections.abc import Collection, Iterator
from typing import Any

from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from orders.models import ServiceOrder
from orders.queries.posting import orders_to_post
from servicemgmt.core.errors import Refused
from servicemgmt.core.models import Run, RunMessage, User
from servicemgmt.core.runs import Outcome, Piece, RunKind, items_left, register, start_run

from .post import post_order_lines

#: Orders per chunk: few enough that a refused one is soon found, and progress is seen.
CHUNK = 20


def start_posting(*, by: User | None, kinds: Collection[str] | None = None, **parameters: Any) -> Run:
    """Queue the posting of orders; `parameters` as `queries.posting.orders_to_post` reads them (PR-02, PR-03)."""
    asked = {name: value for name, value in parameters.items() if value not in (None, "")}
    return start_run(
        "post_orders", by=by, parameters=asked | ({"kinds": sorted(kinds)} if kinds is not None else {})
    )


def pieces(run: Run) -> Iterator[Piece]:
    """The orders asked for, by id, so that two runs lock them in the same order."""
    ids = list(orders_to_post(run.parameters).values_list("pk", flat=True))
    for start in range(0, len(ids), CHUNK):
        yield Piece(items=ids[start : start + CHUNK])


def work(run: Run, piece: Piece) -> Outcome:
    """Post a piece's orders one after the other."""
    outcome = Outcome()
    numbers = dict(ServiceOrder.objects.filter(pk__in=piece.items or []).values_list("pk", "number"))
    for pk in piece.items or []:
        if pk in numbers:
            post_one(run, pk, numbers[pk], outcome)
    return outcome


def post_one(run: Run, pk: int, number: str, outcome: Outcome) -> None:
    """Post one order and say what came of it."""
    subject, level = f"serviceorder:{pk}", RunMessage.Level.ERROR
    try:
        with transaction.atomic():
            posted = post_order_lines(
                pk, by=run.started_by, at=timezone.now(), kinds=run.parameters.get("kinds"), run=run
            )
    except Refused as refusal:
        outcome.count("refused")
        outcome.say(level, f"{number}: {refusal}", subject=subject, order=number, item=pk)
        return
    outcome.count("orders", 1 if posted.lines else 0)
    outcome.count("lines", len(posted.lines))
    outcome.count("refused", len(posted.refused))
    for line, sentence in posted.refused:
        told = _("%(order)s, line %(line)s: %(why)s") % {
            "order": number,
            "line": line.line_number,
            "why": sentence,
        }
        outcome.say(level, told, subject=subject, order=number, line=line.line_number, item=pk)


def retry(run: Run) -> dict[str, Any]:
    """The same question over the orders that were left."""
    left = items_left(run)
    return run.parameters | ({"orders": left} if left else {})


def result_url(run: Run) -> str:
    """The order it was about, else the list."""
    orders = run.parameters.get("orders") or []
    if len(orders) == 1:
        number = ServiceOrder.objects.filter(pk=orders[0]).values_list("number", flat=True).first()
        if number:
            return reverse("orders:order", args=[number])
    return reverse("orders:orders")


POST_ORDERS = register(
    RunKind(
        code="post_orders",
        label=_("Post service orders"),
        permission="orders.post_serviceorder",
        pieces=pieces,
        work=work,
        labels={"orders": _("orders posted"), "lines": _("lines posted"), "refused": _("lines refused")},
        result_url=result_url,
        retry=retry,
        item="serviceorder",
    )
)
