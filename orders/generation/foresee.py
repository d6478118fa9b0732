"""The preview of more agreements than a page can wait for: a run that plans them all and creates nothing."""

from collections.abc import Sequence

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from orders.planning import Options
from orders.planning.wording import short
from servicemgmt.core.audit import subject_of
from servicemgmt.core.errors import Refused
from servicemgmt.core.models import Run, User
from servicemgmt.core.runs import Outcome, Piece, RunKind, items_left, register, start_run

from .load import load
from .preview import Told, told
from .run import KIND as CREATE_ORDERS
from .run import check_options, dump, options_of, pieces, remark


def start_preview(agreement_ids: Sequence[int], options: Options, *, by: User | None) -> Run:
    """Queue the planning of these agreements, told one by one and in all; nothing is created.

    Raises Refused where nothing is chosen, Invalid as `start_generation`.
    """
    check_options(options)
    if not agreement_ids:
        raise Refused(_("Choose at least one agreement."))
    parameters = {"agreements": list(agreement_ids), **dump(options)}
    parameters |= {"today": options.today.isoformat()} if options.today else {}
    return start_run(KIND.code, by=by, parameters=parameters)


def work(run: Run, piece: Piece) -> Outcome:
    """Plan these agreements as the run that creates will, without locks."""
    options, outcome = options_of(run), Outcome()
    for loaded in load(piece.items or [], options.period):
        row, subject = told(loaded.agreement, loaded.plan(options)), subject_of(loaded.agreement)
        if row.days:
            outcome.say("INFO", foreseen(row), subject=subject)
        for skip in row.remarks:
            outcome.say("WARNING", remark(loaded.agreement, skip), subject=subject)
        for name in ("orders", "joined", "lines", "conflicts"):
            if count := getattr(row, name):
                outcome.count(name, count)
    return outcome


def foreseen(row: Told) -> str:
    """What would come of one agreement, and when."""
    days = ", ".join(map(short, row.days))
    if row.more:
        days = ngettext("%(days)s and %(count)d more day", "%(days)s and %(count)d more days", row.more) % {
            "days": days,
            "count": row.more,
        }
    return _("%(number)s: %(orders)s with %(lines)s: %(days)s") % {
        "number": row.agreement.number,
        "orders": ngettext("%(count)d order", "%(count)d orders", row.orders) % {"count": row.orders},
        "lines": ngettext("%(count)d line", "%(count)d lines", row.lines) % {"count": row.lines},
        "days": days,
    }


KIND = register(
    RunKind(
        code="preview_orders",
        label=gettext_lazy("Preview service orders"),
        permission=CREATE_ORDERS.permission,
        pieces=pieces,
        work=work,
        labels={
            "orders": gettext_lazy("orders would be created"),
            "lines": gettext_lazy("lines would be created"),
            "joined": gettext_lazy("orders would be joined"),
            "conflicts": gettext_lazy("on a closed day"),
        },
        retry=lambda run: run.parameters | {"agreements": items_left(run) or run.parameters["agreements"]},
        item="serviceagreement",
    )
)
