"""Keys handed out before the rows exist, so that rows which name each other can be inserted in any order."""

from django.db import connection, models


def take_keys(model: type[models.Model], count: int) -> list[int]:
    """The next `count` primary keys of the model's table; keys that are not used after all leave gaps, harmlessly.

    A voucher takes its gapless number last in the transaction and is frozen at once, so what it belongs to is
    inserted before it with the key it will have (foreign keys are checked at commit).
    """
    if not count:
        return []
    table, column = model._meta.db_table, model._meta.pk.column
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT nextval(pg_get_serial_sequence(%s, %s)) FROM generate_series(1, %s)",
            [table, column, count],
        )
        return [key for (key,) in cursor.fetchall()]
