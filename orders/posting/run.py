"""The run that posts many orders, each by itself: what one of them meets stops no other."""

from collections.abc import Collection, Iterator
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from orders.models import ServiceOrder
from orders.queries.posting import orders_to_post
from servicemgmt.core.audit import subject_of
from servicemgmt.core.models import Run, RunMessage, User
from servicemgmt.core.runs import Outcome, Piece, RunKind, items_left, register, start_run

from .post import Posted, post_orders

#: Orders per chunk: enough that what a chunk reads once costs nothing, few enough that progress is seen.
CHUNK = 500


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
    """Post a piece's orders and say what came of each."""
    outcome = Outcome()
    asked = {"kinds": run.parameters.get("kinds"), "chosen": run.parameters.get("lines")}
    for posted in post_orders(piece.items or [], by=run.started_by, at=timezone.now(), run=run, **asked):
        tell(outcome, posted)
    return outcome


def tell(outcome: Outcome, posted: Posted) -> None:
    """Count an order's lines, and say of those left why."""
    order = posted.order
    outcome.count("orders", 1 if posted.lines else 0)
    outcome.count("lines", len(posted.lines))
    outcome.count("refused", len(posted.refused))
    for line, sentence in posted.refused:
        told = _("%(order)s, line %(line)s: %(why)s") % {
            "order": order.number,
            "line": line.line_number,
            "why": sentence,
        }
        outcome.say(
            RunMessage.Level.ERROR,
            told,
            subject=subject_of(order),
            order=order.number,
            line=line.line_number,
            item=order.pk,
        )


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
