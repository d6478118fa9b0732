"""From which day of the month the terms of a chain of renewals count."""

from collections.abc import Sequence

from django.db import connection

from agreements.models import ServiceAgreement

from .rules import Term, anchor_of, may_be_cut, next_term

#: The days of the month on which agreements and what they renew began; UNION ends even a circle.
BEGUN = """
    WITH RECURSIVE chain (source, id, day) AS (
        SELECT id, predecessor_id, extract(day FROM start_date)::int
        FROM agreements_serviceagreement WHERE id = ANY(%s)
        UNION
        SELECT chain.source, earlier.predecessor_id, extract(day FROM earlier.start_date)::int
        FROM chain JOIN agreements_serviceagreement earlier ON earlier.id = chain.id
    )
    SELECT source, array_agg(day) FROM chain GROUP BY source
"""


def next_terms(sources: Sequence[ServiceAgreement]) -> dict[int, Term]:
    """The days of each one's successor, by its key; those without a last day or a term have none.

    One statement, and none where no successor begins on the last day of a month.
    """
    able = [row for row in sources if row.end_date and row.term_months]
    cut = [row.pk for row in able if row.end_date and may_be_cut(row.end_date)]
    begun: dict[int, list[int]] = {}
    if cut:
        with connection.cursor() as cursor:
            cursor.execute(BEGUN, [cut])
            begun = dict(cursor.fetchall())
    return {
        row.pk: next_term(row.end_date, row.term_months, anchor_of(row.end_date, begun.get(row.pk, ())))
        for row in able
        if row.end_date and row.term_months
    }
