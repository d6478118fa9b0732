"""The run that turns staged rows into closed orders, set-based and exactly once."""

from collections.abc import Iterable
from typing import Any

from django.db import connection
from django.db.models import Max, Min
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from servicemgmt.core.errors import Refused
from servicemgmt.core.models import Run
from servicemgmt.core.runs import Outcome, Piece, RunKind, register

from ..models import HistoryImport, HistoryMapping, Phase, ServiceStage
from .operations import objects_by_asset

LINES_PER_PIECE = 1000

MARK_NEW = """
    WITH new AS (
        SELECT r.id, r.line FROM orders_historyrow r
         WHERE r.history_import_id = %(import)s AND r.line >= %(lo)s AND r.line < %(hi)s AND r.problem = ''
           AND NOT EXISTS (SELECT FROM orders_serviceorder o WHERE o.external_number = r.identity)
         ORDER BY r.line),
    keyed AS (
        SELECT id, nextval(pg_get_serial_sequence('orders_serviceorder', 'id')) AS order_id,
               nextval(pg_get_serial_sequence('projects_transaction', 'id')) AS transaction_id
          FROM new ORDER BY line)
    UPDATE orders_historyrow AS r SET order_id = keyed.order_id, transaction_id = keyed.transaction_id
      FROM keyed WHERE r.id = keyed.id
"""

ORDERS = """
    INSERT INTO orders_serviceorder (
        id, number, customer_id, project_id, site_id, description, details, service_on, stage_id, stage_since,
        progress, priority, origin, external_number, calendar_conflict, sla_status, run_id, made_by_id, version)
    SELECT r.order_id, core_next_number('imported_order'), i.customer_id, i.project_id, i.site_id,
           coalesce(nullif(r.text, ''), r.type, ''), '', r.done_on, %(stage)s, now(),
           'POSTED', 'NORMAL', 'IMPORT', r.identity, FALSE, 'NONE', i.run_id, %(by)s, 1
      FROM (SELECT * FROM orders_historyrow ORDER BY line) r
      JOIN orders_historyimport i ON i.id = r.history_import_id
     WHERE r.history_import_id = %(import)s AND r.line >= %(lo)s AND r.line < %(hi)s AND r.order_id IS NOT NULL
     ORDER BY r.line
"""

OBJECTS = """
    INSERT INTO orders_orderobject (order_id, service_object_id, reference, version)
    SELECT r.order_id, o.object_id, '', 1
      FROM orders_historyrow r JOIN jsonb_to_recordset(%(objects)s) AS o(asset text, object_id bigint) USING (asset)
     WHERE r.history_import_id = %(import)s AND r.line >= %(lo)s AND r.line < %(hi)s AND r.order_id IS NOT NULL
"""

TRANSACTIONS = """
    INSERT INTO projects_transaction (
        id, kind, source, status, project_id, customer_id, category_id, line_property_id, coverage, tax_group_id,
        executed_on, text, quantity, cost_price, cost_amount, cost_currency_id, currency_id, sales_price,
        sales_amount, covered_amount, price_reason, posted_by_id)
    SELECT r.transaction_id, 'EXPENSE', 'IMPORT', 'POSTED', i.project_id, i.customer_id, m.category_id,
           m.line_property_id, p.coverage, c.tax_group_id, r.done_on, r.text, 1, r.cost, r.cost, i.currency_id,
           pr.currency_id, 0, 0, 0, '{}', %(by)s
      FROM orders_historyrow r
      JOIN orders_historyimport i ON i.id = r.history_import_id
      JOIN orders_historymapping m ON m.id = i.mapping_id
      JOIN projects_lineproperty p ON p.id = m.line_property_id
      JOIN projects_category c ON c.id = m.category_id
      JOIN projects_project pr ON pr.id = i.project_id
     WHERE r.history_import_id = %(import)s AND r.line >= %(lo)s AND r.line < %(hi)s AND r.order_id IS NOT NULL
"""

LINES = """
    INSERT INTO orders_serviceorderline (
        order_id, line_number, kind, item_setup, status, origin, description, details, executed_on,
        object_relation_id, category_id, line_property_id, coverage_reason, quantity, cost_price,
        is_sales_price_modified, price_reason, transaction_id, version)
    SELECT r.order_id, 1, 'EXPENSE', 'JOURNAL', 'POSTED', 'IMPORT',
           coalesce(nullif(r.text, ''), r.type, ''), r.type, r.done_on,
           rel.id, m.category_id, m.line_property_id, '', 1, r.cost, FALSE, '{}', r.transaction_id, 1
      FROM orders_historyrow r
      JOIN orders_historyimport i ON i.id = r.history_import_id
      JOIN orders_historymapping m ON m.id = i.mapping_id
      JOIN orders_orderobject rel ON rel.order_id = r.order_id
     WHERE r.history_import_id = %(import)s AND r.line >= %(lo)s AND r.line < %(hi)s AND r.order_id IS NOT NULL
"""


def import_of(run: Run) -> HistoryImport:
    return HistoryImport.objects.select_related("mapping__object_group", "customer", "site").get(
        pk=run.parameters["import"]
    )


def pieces(run: Run) -> Iterable[Piece]:
    """The file's lines, a thousand at a time. Makes the service objects first. Refused without a stage to close in."""
    taken = import_of(run)
    if not taken.is_dry_run:
        done_stage()
    objects_by_asset(taken, by=run.started_by)
    ends = taken.rows.aggregate(first=Min("line"), last=Max("line"))
    for lo in range(ends["first"], ends["last"] + 1, LINES_PER_PIECE):
        yield Piece(lo, min(lo + LINES_PER_PIECE, ends["last"] + 1))


def work(run: Run, piece: Piece) -> Outcome:
    """Bring in the good rows of these lines that are not there yet; say of each bad one where and why."""
    taken = import_of(run)
    HistoryMapping.objects.select_for_update(no_key=True).get(
        pk=taken.mapping_id
    )  # two imports of one mapping take turns
    rows = taken.rows.filter(line__gte=piece.lo, line__lt=piece.hi)
    outcome = Outcome()
    for row in rows.exclude(problem="").order_by("line"):
        outcome.count("refused")
        outcome.say(
            "ERROR",
            _("Line %(line)s, %(column)s: %(problem)s")
            % {"line": row.line, "column": row.column, "problem": row.problem},
            line=row.line,
            column=row.column,
            reason=row.problem,
        )
    good = rows.filter(problem="").count()
    new = count_new(taken, piece) if taken.is_dry_run else bring_in(run, taken, piece)
    outcome.count("imported", new)
    outcome.count("already", good - new)
    return outcome


def count_new(taken: HistoryImport, piece: Piece) -> int:
    """How many rows of the lines are not there yet; writes nothing."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT count(*) FROM orders_historyrow r
                WHERE r.history_import_id = %s AND r.line >= %s AND r.line < %s AND r.problem = ''
                  AND NOT EXISTS (SELECT FROM orders_serviceorder o WHERE o.external_number = r.identity)""",
            [taken.pk, piece.lo, piece.hi],
        )
        return int(cursor.fetchone()[0])


def bring_in(run: Run, taken: HistoryImport, piece: Piece) -> int:
    """Order, object relation, transaction and line of every new row, in five statements."""
    from psycopg.types.json import Jsonb

    objects = [{"asset": a, "object_id": pk} for a, pk in objects_by_asset(taken, by=run.started_by).items()]
    values: dict[str, Any] = {
        "import": taken.pk,
        "lo": piece.lo,
        "hi": piece.hi,
        "stage": done_stage().pk,
        "by": run.started_by_id,
        "objects": Jsonb(objects),
    }
    with connection.cursor() as cursor:
        cursor.execute(MARK_NEW, values)
        new = cursor.rowcount
        for statement in (ORDERS, OBJECTS, TRANSACTIONS, LINES):
            cursor.execute(statement, values)
    return int(new)


def done_stage() -> ServiceStage:
    """The stage that closed history stands in: the first that means done."""
    stage = ServiceStage.objects.filter(phase=Phase.DONE).order_by("pk").first()
    if stage is None:
        raise Refused(_("There is no service stage whose phase is Done; set one up first."))
    return stage


def finish(run: Run) -> None:
    """The staged rows have served; the file itself stays attached."""
    import_of(run).rows.all().delete()


register(
    RunKind(
        code="import_history",
        label=gettext_lazy("Import of maintenance history"),
        permission="orders.import_history",
        pieces=pieces,
        work=work,
        finish=finish,
        labels={
            "imported": gettext_lazy("Imported"),
            "already": gettext_lazy("Already there"),
            "refused": gettext_lazy("Refused"),
        },
        result_url=lambda run: reverse("orders:imports"),
    )
)
