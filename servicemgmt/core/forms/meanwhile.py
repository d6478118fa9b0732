"""A form whose row was changed by somebody else while it was filled in: it goes on from how the row stands now."""

from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext as _

from .. import display


def go_on(form: Any) -> None:
    """Give the form the present version, so that it can be sent again, and say at each field what is there now.

    What was typed stays. The present state is what the form began with in this request: its `initial`.
    """
    field = form.fields.get("version")
    present = field and form.get_initial_for_field(field, "version")
    if not present:
        return
    form.data = form.data.copy()
    form.data[form.add_prefix("version")] = str(present)
    if isinstance(form, forms.ModelForm) and form.instance.pk:
        for name in form.changed_data:
            if name in form.fields and not form.fields[name].widget.is_hidden:
                form.add_error(name, _("Now: %(value)s") % {"value": shown(form, name)})


def shown(form: Any, name: str) -> str:
    """What the field began with, as people read it."""
    field = form.fields[name]
    value = form.get_initial_for_field(field, name)
    if value is None or value in ("", []):
        return _("empty")
    if isinstance(field, forms.ModelChoiceField):
        keys = value if isinstance(value, list) else [value]
        rows = form.fields[name].queryset.model._base_manager.filter(
            pk__in=[getattr(key, "pk", key) for key in keys]
        )
        return ", ".join(str(row) for row in rows)
    if isinstance(field, forms.ChoiceField):
        return str(dict(form.fields[name].choices).get(value, value))
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(field, forms.DateField | forms.DateTimeField):
        return display.moment(value)
    return display.quantity(value) if isinstance(value, Decimal) else str(field.prepare_value(value))
