"""Lookups of our own."""

from collections.abc import Collection
from typing import Any

from django.db.models import Field, Lookup

from .arrays import plain_array


@Field.register_lookup
class AnyOf(Lookup):
    """`pk__any_of=keys`: one of thousands of whole numbers, handed over as one array.

    As `__in`, which puts a parameter into the statement for each; that takes longer than carrying it out.
    """

    lookup_name = "any_of"

    def get_prep_lookup(self) -> str:
        keys: Collection[int] = self.rhs
        return plain_array([int(key) for key in keys])

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, Any]:
        column, parameters = self.process_lhs(compiler, connection)
        return f"{column} = ANY(%s::bigint[])", [*parameters, self.rhs]
