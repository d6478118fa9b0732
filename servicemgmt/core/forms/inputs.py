"""Fields of one value: dates have a calendar, times are typed, and what cannot be is said."""

import re
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy

#: No calendar of a service company reaches further, and days near the ends of time cannot be reckoned with.
FIRST_DAY, LAST_DAY = date(1900, 1, 1), date(2199, 12, 31)


def plausible(value: date | datetime) -> None:
    """Raises ValidationError for a day before 1900 or after 2199."""
    day = value.date() if isinstance(value, datetime) else value
    if not FIRST_DAY <= day <= LAST_DAY:
        raise ValidationError(_("Enter a date between 1900 and 2199."), code="implausible")


def in_order(form: forms.BaseForm, first: str, last: str) -> None:
    """Say at the field `last` where its day lies before that of `first`; for `clean`."""
    start, end = form.cleaned_data.get(first), form.cleaned_data.get(last)
    if start and end and end < start:
        form.add_error(last, _("The last day lies before the first."))


def hide_unless(field: Any, other: str, values: Sequence[str]) -> None:
    """Let the page hide the field, and empty it, unless the other one has one of the values."""
    field.widget.attrs |= {
        "data-behaviour": "depends",
        "data-depends-on": other,
        "data-depends-values": " ".join(values),
        "data-depends-empty": 0 if field.required and not isinstance(field, forms.ChoiceField) else "",
    }


class DateInput(forms.DateInput):
    """The browser's own date field; it wants ISO dates whatever the language."""

    input_type = "date"

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__(attrs=attrs, format="%Y-%m-%d")


class DateTimeInput(forms.DateTimeInput):
    """The browser's own field for a local date and time."""

    input_type = "datetime-local"

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__(attrs=attrs, format="%Y-%m-%dT%H:%M")


class TimeInput(forms.TimeInput):
    input_type = "time"

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__(attrs=attrs, format="%H:%M")


class ClockField(forms.Field):
    """A time of day kept as minutes from midnight: 08:30 is 510, and 24:00, the end of the day, is 1440."""

    widget = forms.TextInput
    default_error_messages = {"invalid": _lazy("Enter a time such as 08:30, at most 24:00.")}

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.widget.attrs |= {"inputmode": "numeric", "placeholder": "00:00", "maxlength": "5", "size": "5"}

    def to_python(self, value: Any) -> int | None:
        if value in self.empty_values:
            return None
        found = re.fullmatch(r"([0-9]{1,2})[:.]?([0-5][0-9])", str(value).strip())
        minutes = int(found[1]) * 60 + int(found[2]) if found else 9999
        if minutes > 1440:
            raise ValidationError(self.error_messages["invalid"], code="invalid")
        return minutes

    def prepare_value(self, value: Any) -> Any:
        return f"{value // 60:02}:{value % 60:02}" if isinstance(value, int) else value

    def has_changed(self, initial: Any, data: Any) -> bool:
        try:
            return bool(initial != self.to_python(data))
        except ValidationError:
            return True


class JSONField(forms.JSONField):
    """Django's, for which also a number of five thousand digits or brackets a thousand deep is only not JSON."""

    def to_python(self, value: Any) -> Any:
        try:
            return super().to_python(value)
        except (ValueError, RecursionError):
            message = self.error_messages["invalid"]
            raise ValidationError(message, code="invalid", params={"value": "…"}) from None
