"""The widgets that fields get by their kind."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django_filters import fields as filter_fields

from ..search import SEARCHABLE
from .choices import SearchSelect, replace
from .inputs import DateInput, DateTimeInput, TimeInput, plausible


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
