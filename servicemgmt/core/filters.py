"""Filters of lists that more than one app needs."""

from datetime import datetime
from typing import Any

import django_filters
from django.core.exceptions import ValidationError
from django.db.models import DateField, DateTimeField, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from django_filters.fields import DateRangeField

from .lists.paging import field_at


class DaysField(DateRangeField):
    """From a day to a day, in this order: days the other way round would find nothing and not say why."""

    def compress(self, data_list: list[Any]) -> slice | None:
        if data_list and all(data_list) and data_list[1] < data_list[0]:
            raise ValidationError(_("The last day lies before the first."), code="reversed")
        found: slice | None = super().compress(data_list)
        return found


class DateFromToRangeFilter(django_filters.DateFromToRangeFilter):
    """From a day to a day, both included, for columns that hold days as well as for those that hold moments.

    The usual filter asks a column of days for the midnight of the user's zone, which Django turns into a day of UTC:
    east of Greenwich the day before.
    """

    field_class = DaysField

    def filter(self, qs: QuerySet[Any], value: slice | None) -> QuerySet[Any]:
        if value is not None and holds_days(qs, self.field_name):
            value = slice(day_of(value.start), day_of(value.stop))
        found: QuerySet[Any] = super().filter(qs, value)
        return found


def holds_days(rows: QuerySet[Any], path: str) -> bool:
    field, _nullable = field_at(rows.model, path)
    return isinstance(field, DateField) and not isinstance(field, DateTimeField)


def day_of(moment: datetime | None) -> Any:
    """The day of the moment in the user's zone; None stays None."""
    if moment is None:
        return None
    return (timezone.localtime(moment) if timezone.is_aware(moment) else moment).date()
