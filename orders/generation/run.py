"""Creating orders from agreements as a run (SO-A01 … SO-A17): every agreement is planned again under its lock."""

from collections.abc import Collection, Container, Iterable, Iterator, Sequence
from datetime import date, timedelta
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from agreements.models import ServiceAgreement, ServiceAgreementLine
from orders.models import ServiceStage
from orders.operations.stage import initial_stage
from orders.planning import Options, Plan, Skipped
from orders.planning.wording import short
from orders.rules import why_not_agreement
from servicemgmt.core.audit import subject_of
from servicemgmt.core.errors import Invalid, Refused, Sentence
from servicemgmt.core.models import NumberSequence, Run, RunMessage, User
from servicemgmt.core.periods import Period
from servicemgmt.core.runs import Outcome, Piece, RunKind, items_left, register, start_run

from .load import Loaded, load
from .write import write
from .written import Written

CODE = "create_orders"

#: Agreements per chunk: one transaction, a fixed number of statements; halved where one of them fails.
CHUNK = 200

#: Farther than this nobody plans; it also keeps a typing error in a year from creating a century of visits.
LONGEST_DAYS = 5 * 366

#: What the run says of a line; the other reasons are the preview's business.
TOLD = {
    "stopped", "site", "suspended", "template", "quote", "closed", "item", "overdue", "out", "gap", "not yet",
}  # fmt: skip


def start_generation(
    agreement_ids: Sequence[int], options: Options, *, by: User | None, enqueue: bool = True
) -> Run:
    """Queue the creation of the orders of these agreements. Raises Refused where it cannot even begin:

    no sequence or initial stage (SO-A15), nothing chosen, or the only agreement is suspended, a template or a quote, or
    the only line is stopped (SO-A16, AG-06);
    Invalid where the period ends before it starts or is longer than five years.
    """
    check_options(options)
    check_ready()
    agreements = list(ServiceAgreement.objects.filter(pk__in=agreement_ids).order_by("pk"))
    if not agreements:
        raise Refused(_("Choose at least one agreement."))
    if len(agreements) == 1 and (sentence := why_not_agreement(agreements[0])):
        raise Refused(sentence)
    if sentence := why_not_lines(options.lines):
        raise Refused(sentence)
    parameters = {"agreements": [agreement.pk for agreement in agreements], **dump(options)}
    return start_run(CODE, by=by, parameters=parameters, enqueue=enqueue)


def why_not_lines(line_ids: Collection[int]) -> Sentence | None:
    """SO-A16, AG-06: nothing is started from a line alone that is stopped."""
    line = ServiceAgreementLine.objects.filter(pk__in=line_ids, stopped=True) if len(line_ids) == 1 else None
    if line is None or (found := line.first()) is None:
        return None
    return _("Line %(line)s is stopped; no orders can be made from it.") % {"line": found.line_number}


def check_options(options: Options) -> None:
    """Raises Invalid at `to`."""
    if options.period.end < options.period.start:
        raise Invalid(_("The period would end before it starts."), field="to")
    if options.period.days > LONGEST_DAYS:
        raise Invalid(_("Plan at most five years at a time."), field="to")


def check_ready() -> ServiceStage:
    """SO-A15: the initial stage, if there also is a sequence for orders. Raises Refused."""
    if not NumberSequence.objects.filter(pk="order").exists():
        raise Refused(_("There is no number sequence for service orders; set it up first."))
    return initial_stage()


def dump(options: Options) -> dict[str, Any]:
    """The options as a run keeps them."""
    return {
        "from": options.period.start.isoformat(),
        "to": options.period.end.isoformat(),
        "kinds": sorted(options.kinds),
        "continuous": options.continuous,
        "lines": sorted(options.lines),
        "from_today": options.from_today,
    }


def options_of(run: Run) -> Options:
    """The options of a run."""
    found = run.parameters
    period = Period(date.fromisoformat(found["from"]), date.fromisoformat(found["to"]))
    return Options(
        period,
        frozenset(found["kinds"]),
        found["continuous"],
        frozenset(found.get("lines", ())),
        found.get("from_today", False),
        date.fromisoformat(found["today"]) if found.get("today") else None,
    )


def pieces(run: Run) -> Iterator[Piece]:
    """The agreements by the chunk. Raises Refused where orders cannot be numbered or staged (SO-A15)."""
    check_ready()
    ids = sorted(run.parameters["agreements"])
    for start in range(0, len(ids), CHUNK):
        yield Piece(items=ids[start : start + CHUNK])


def work(run: Run, piece: Piece) -> Outcome:
    """Plan these agreements anew under their locks and create what is missing; running it again creates nothing."""
    options = options_of(run)
    loaded = load(piece.items or [], options.period, lock=True)
    plans = [(agreement, agreement.plan(options)) for agreement in loaded]
    made = write(plans, stage=initial_stage(), run=run, at=timezone.now())
    outcome, alone = Outcome(), len(run.parameters["agreements"]) == 1
    heard = said_before(run, plans) if options.from_today else set()
    by_agreement: dict[int, list[Written]] = {}
    for item in made:
        by_agreement.setdefault(item.loaded.agreement.pk, []).append(item)
    for agreement, plan in plans:
        found = by_agreement.get(agreement.agreement.pk, [])
        tell(outcome, agreement, plan, found, alone=alone, heard=heard)
    return outcome


#: So long a night keeps silent about what a night has said.
SILENCE = timedelta(days=30)


def said_before(run: Run, plans: Iterable[tuple[Loaded, Plan]]) -> set[str]:
    """What the nights of the last month have warned of already of agreements that this one would warn of."""
    subjects = [
        subject_of(loaded.agreement)
        for loaded, plan in plans
        if any(skip.code in TOLD for skip in plan.skipped)
    ]
    if not subjects:
        return set()
    nights = Run.objects.filter(kind=CODE, started_by=None, queued_at__gt=run.queued_at - SILENCE)
    said = RunMessage.objects.filter(run__in=nights.exclude(pk=run.pk), level="WARNING", subject__in=subjects)
    return set(said.values_list("text", flat=True))


def tell(
    outcome: Outcome,
    loaded: Loaded,
    plan: Plan,
    made: list[Written],
    *,
    alone: bool,
    heard: Container[str] = (),
) -> None:
    """SO-A14, SO-A16, SO-A17: what was created, what falls on a closed day, what was passed over.

    That there is nothing to create is said of an agreement `alone`, and counted of many; what was `heard` before is
    counted alone.
    """
    agreement, subject = loaded.agreement, subject_of(loaded.agreement)
    told = [skip for skip in plan.skipped if skip.code in TOLD]
    for skip in told:
        text = remark(agreement, skip)
        if text not in heard:
            outcome.say("WARNING", text, subject=subject)
    new = [item for item in made if item.planned.joins is None]
    joined = [item for item in made if item.planned.joins]
    if new:
        outcome.say("INFO", created(agreement, new), subject=subject, orders=numbers(new))
    if joined:
        outcome.say("INFO", joins(agreement, joined), subject=subject, orders=numbers(joined))
    if not made and not told and alone:
        outcome.say(
            "INFO", _("%(number)s: nothing to create.") % {"number": agreement.number}, subject=subject
        )
    for item in new:
        if item.planned.conflict:
            outcome.say("WARNING", on_closed_day(item), subject=item.subject)
    counts = {
        "orders": len(new),
        "lines": plan.line_count,
        "joined": len(joined),
        "conflicts": sum(item.planned.conflict for item in new),
        "skipped": sum(skip.line is None for skip in told),
        "nothing": not made and not told and not alone,
    }
    for name, count in counts.items():
        if count:
            outcome.count(name, count)


def remark(agreement: ServiceAgreement, skip: Skipped) -> str:
    """Why something of the agreement is passed over."""
    line = f" {skip.line.number} “{skip.line.label}”" if skip.line else ""
    return f"{agreement.number}{line}: {skip.reason}"


def created(agreement: ServiceAgreement, made: list[Written]) -> str:
    found, lines = numbers(made), line_count(made)
    span = found[0] if len(found) == 1 else f"{found[0]} … {found[-1]}"
    return _("%(number)s: %(orders)s with %(lines)s created: %(span)s") % {
        "number": agreement.number,
        "orders": ngettext("%(count)d order", "%(count)d orders", len(made)) % {"count": len(made)},
        "lines": ngettext("%(count)d line", "%(count)d lines", lines) % {"count": lines},
        "span": span,
    }


def joins(agreement: ServiceAgreement, made: list[Written]) -> str:
    return ngettext(
        "%(number)s: %(count)d line joined orders that were there: %(orders)s",
        "%(number)s: %(count)d lines joined orders that were there: %(orders)s",
        line_count(made),
    ) % {"number": agreement.number, "count": line_count(made), "orders": ", ".join(numbers(made))}


def line_count(made: Iterable[Written]) -> int:
    return sum(len(item.planned.lines) for item in made)


def on_closed_day(item: Written) -> str:
    return _("%(order)s falls on %(day)s, a closed day.") % {
        "order": item.number,
        "day": short(item.planned.day),
    }


def numbers(made: Iterable[Written]) -> list[str]:
    return [item.number for item in made]


KIND = register(
    RunKind(
        code=CODE,
        label=gettext_lazy("Create service orders"),
        permission="orders.add_serviceorder",
        pieces=pieces,
        work=work,
        labels={
            "orders": gettext_lazy("orders created"),
            "lines": gettext_lazy("lines created"),
            "joined": gettext_lazy("orders joined"),
            "nothing": gettext_lazy("agreements with nothing to create"),
            "conflicts": gettext_lazy("on a closed day"),
            "skipped": gettext_lazy("agreements passed over"),
        },
        result_url=lambda run: reverse("orders:run_orders", args=[run.pk]),
        retry=lambda run: run.parameters | {"agreements": items_left(run) or run.parameters["agreements"]},
        item="serviceagreement",
    )
)
