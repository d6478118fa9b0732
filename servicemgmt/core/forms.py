"""Forms as this product has them: the version travels along, dates have a calendar, big tables are searched."""

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db import models
from django.forms.utils import ErrorList
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy
from django_filters import fields as filter_fields

from .constraints import readable
from .errors import Invalid, Refused, Sentence
from .search import SEARCHABLE

#: No calendar of a service company reaches further, and days near the ends of time cannot be reckoned with.
FIRST_DAY, LAST_DAY = date(1900, 1, 1), date(2199, 12, 31)


def plausible(value: date | datetime) -> None:
    """Raises ValidationError for a day before 1900 or after 2199."""
    day = value.date() if isinstance(value, datetime) else value
    if not FIRST_DAY <= day <= LAST_DAY:
        raise ValidationError(_("Enter a date between 1900 and 2199."), code="implausible")


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


class SearchSelect(forms.Select):
    """A select over a big table: holds the chosen row only and asks `core:search` for others.

    Without JavaScript a text field beside it takes a number or name; what fits is then offered in the select.
    `narrow` is {field path: value} for the search, such as {"customer": 7} for the sites of one customer.
    """

    template_name = "core/widgets/search_select.html"

    def __init__(
        self,
        url_name: str = "core:search",
        *,
        narrow: dict[str, Any] | None = None,
        attrs: dict[str, Any] | None = None,
    ) -> None:
        super().__init__(attrs)
        self.url_name, self.narrow = url_name, narrow or {}

    @property
    def queryset(self) -> Any:
        return self.choices.field.queryset  # type: ignore[attr-defined]

    def value_from_datadict(self, data: Any, files: Any, name: str) -> Any:
        typed = (data.get(f"{name}-typed") or "").replace("\0", "").strip()
        if not typed:
            return super().value_from_datadict(data, files, name)
        found = self.matching(typed)
        return found[0].pk if len(found) == 1 else f"?{typed}"

    def matching(self, text: str) -> list[Any]:
        """The rows that a typed text may mean, at most twenty; a row whose text begins with it as a word alone."""
        entry = SEARCHABLE[self.queryset.model._meta.label_lower]
        rows = self.queryset.filter(**self.narrow)
        for word in text.split()[:6]:
            rows = rows.search(word) if hasattr(rows, "search") else rows.filter(_mentions(entry, word))
        found = list(rows[:20])
        exact = [row for row in found if entry.text(row).split(" ")[0] == text or entry.text(row) == text]
        return exact if len(exact) == 1 else found

    def optgroups(self, name: str, value: list[Any], attrs: dict[str, Any] | None = None) -> list[Any]:
        chosen = [str(v) for v in value if v not in (None, "")]
        label = self.choices.field.label_from_instance  # type: ignore[attr-defined]
        options = [self.create_option(name, "", "", not chosen, 0, attrs=attrs)]
        options += [
            self.create_option(name, row.pk, label(row), str(row.pk) in chosen, 1, attrs=attrs)
            for row in self.rows(chosen)
        ]
        return [(None, options, 0)]

    def rows(self, chosen: list[str]) -> Iterable[Any]:
        if chosen and chosen[0].startswith("?"):
            return self.matching(chosen[0][1:])
        try:
            return list(self.queryset.filter(pk__in=chosen)) if chosen else []
        except (ValueError, TypeError):
            return []

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        query = {"model": self.queryset.model._meta.label_lower, **self.narrow}
        context["widget"]["attrs"] |= {
            "data-behaviour": "combobox",
            "data-url": f"{reverse(self.url_name)}?{urlencode(query)}",
        }
        context["widget"]["typed"] = value[1:] if isinstance(value, str) and value.startswith("?") else ""
        return context


def _mentions(entry: Any, word: str) -> models.Q:
    from .search import mentions

    return mentions(entry, word)


def dress(form: forms.BaseForm) -> None:
    """Give the form's fields the widgets of this product. Widgets chosen by hand with another type stay."""
    for field in form.fields.values():
        dress_field(field)


def dress_field(field: forms.Field) -> None:
    widget = field.widget
    if isinstance(field, forms.DateField | forms.DateTimeField) and plausible not in field.validators:
        field.validators = [*field.validators, plausible]
    if isinstance(field, forms.ModelChoiceField) and not isinstance(field, forms.ModelMultipleChoiceField):
        known = field.queryset is not None and field.queryset.model._meta.label_lower in SEARCHABLE
        if known and type(widget) is forms.Select:
            replace(field, SearchSelect())
    elif isinstance(field, filter_fields.RangeField):
        dress_range(field)
    elif type(widget) is forms.DateInput:
        replace(field, DateInput(widget.attrs))
    elif type(widget) is forms.DateTimeInput:
        replace(field, DateTimeInput(widget.attrs))
    elif type(widget) is forms.TimeInput:
        replace(field, TimeInput(widget.attrs))
    elif isinstance(widget, forms.NullBooleanSelect):  # a filter is not set as long as nothing was chosen
        widget.choices = [("", "---------"), *list(widget.choices)[1:]]
    elif type(widget) is forms.NumberInput:
        is_whole = isinstance(field, forms.IntegerField) and not isinstance(
            field, forms.FloatField | forms.DecimalField
        )
        widget.attrs.setdefault("inputmode", "numeric" if is_whole else "decimal")


def replace(field: forms.Field, widget: forms.Widget) -> None:
    """Give the field another widget, wired as Django wires its first."""
    widget.is_required = field.required
    widget.attrs |= {name: value for name, value in field.widget.attrs.items() if name not in widget.attrs}
    if isinstance(field, forms.ChoiceField):
        widget.choices = field.choices  # type: ignore[attr-defined]
    field.widget = widget


def dress_range(field: Any) -> None:
    """From and to of a filter: two calendars or two numbers, each with a name of its own for screen readers."""
    for part in field.fields:
        dress_field(part)
    is_date = isinstance(field, filter_fields.DateRangeField | filter_fields.DateTimeRangeField)
    for widget, label in zip(field.widget.widgets, (_("from"), _("to")), strict=False):
        widget.attrs |= {"aria-label": f"{field.label or ''} {label}".strip()}
        if is_date:
            widget.input_type, widget.format = "date", "%Y-%m-%d"
        else:
            widget.attrs.setdefault("inputmode", "decimal")


class ModelForm(forms.ModelForm):  # type: ignore[type-arg]
    """A form for one row that an operation saves: never call save(), hand `values` and `version` to the operation.

    Rows that have ended are not offered, except the one chosen already. Fields that are foreign keys to models
    registered for search get a SearchSelect. `sentences` are {constraint: what to say where it is violated}.
    """

    sentences: Mapping[str, Sentence] = {}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        names = {field.name for field in self._meta.model._meta.concrete_fields}
        if "version" in names:
            self.fields["version"] = forms.IntegerField(
                required=False, widget=forms.HiddenInput, initial=getattr(self.instance, "version", 1)
            )
        dress(self)
        for name, field in self.fields.items():
            if isinstance(field, forms.ModelChoiceField):
                offer_current(field, getattr(self.instance, f"{name}_id", None))
        for name, value in self.initial.items():
            if isinstance(value, Decimal):
                self.initial[name] = format(value.normalize(), "f")

    def validate_constraints(self) -> None:
        try:
            excluded = self._get_validation_exclusions()  # type: ignore[attr-defined]
            self.instance.validate_constraints(exclude=excluded)
        except ValidationError as error:
            for name, errors in error.error_dict.items():
                where, text = readable(
                    " ".join(ValidationError(errors).messages), self.instance, self.sentences
                )
                where = where or name
                self.add_error(where if where in self.fields else None, text)

    @property
    def version(self) -> int:
        """The version the row was read at (0 where the form lost it, which no row ever has)."""
        return self.cleaned_data.get("version") or 0

    @property
    def values(self) -> dict[str, Any]:
        """The cleaned values without the version."""
        return {name: value for name, value in self.cleaned_data.items() if name != "version"}


def offer_current(field: Any, chosen: Any) -> None:
    """Leave out rows that have ended by today, but keep the chosen one."""
    rows = field.queryset
    if rows is None or not hasattr(rows, "current"):
        return
    on = timezone.localdate()
    condition = models.Q(ended_on__isnull=True) | models.Q(ended_on__gt=on)
    field.queryset = rows.filter(condition | models.Q(pk=chosen) if chosen else condition)


def submit(form: Any, work: Callable[[], Any]) -> Any:
    """Do the work of a valid form; a refusal becomes the form's error, at its field where it names one.

    Gives what the work gave, or None with `form.refusal` set: `status_of(form.refusal)` is the answer's status.
    """
    form.refusal = None
    try:
        return work()
    except Refused as refusal:
        form.refusal = refusal
        name = refusal.field if isinstance(refusal, Invalid) and refusal.field in form.fields else None
        form.add_error(name, str(refusal))
    except ValidationError as error:
        form.refusal = Invalid(" ".join(error.messages))
        for name, sentences in by_field(error).items():
            form.add_error(name if name in form.fields else None, ErrorList(sentences).as_data())
    return None


def by_field(error: ValidationError) -> dict[str, list[Any]]:
    return error.error_dict if hasattr(error, "error_dict") else {NON_FIELD_ERRORS: error.error_list}
