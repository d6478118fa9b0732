"""The form of a master and the rows of its children, made from the declaration."""

from typing import Any

from django import forms
from django.forms import modelform_factory
from django.forms.formsets import BaseFormSet, formset_factory
from django.utils.translation import gettext as _

from ..forms import ClockField, ModelForm, dress, hide_unless
from .registry import Child, Setup

LIMIT = 400


def form_of(setup: Setup, row: Any, data: Any = None, *, locked: bool = False) -> Any:
    """The master's form; with `locked` every field only shows its value."""
    names = [
        *setup.fields,
        *(["ended_on"] if setup.has_end and "ended_on" not in setup.fields and row.pk else []),
    ]
    cls: Any = modelform_factory(setup.model, form=ModelForm, fields=names)
    cls.sentences = setup.sentences
    form = cls(data, instance=row)
    for name, field in form.fields.items():
        is_fixed = name in setup.fixed or setup.model._meta.pk.name == name
        field.disabled = name != "version" and (
            locked or (is_fixed and bool(row.pk) and not row._state.adding)
        )
        if isinstance(field.widget, forms.Textarea):
            field.wide = True
        if name in setup.needed_with:
            hide_unless(field, *setup.needed_with[name])
    return form


class ChildFormSet(BaseFormSet):  # type: ignore[type-arg]
    """The rows of one child. `rows` is what shall be there afterwards."""

    child: Child

    def add_fields(self, form: Any, index: int | None) -> None:
        super().add_fields(form, index)
        if "DELETE" in form.fields:
            form.fields["DELETE"].widget.attrs["aria-label"] = _("Remove this row")

    @property
    def rows(self) -> list[dict[str, Any]]:
        kept = [
            form.cleaned_data for form in self.forms if form not in self.deleted_forms and form.cleaned_data
        ]
        filled = [row for row in kept if any(row.get(name) not in (None, "") for name in self.child.fields)]
        return [{name: value for name, value in row.items() if name != "DELETE"} for row in filled]

    @property
    def headers(self) -> list[Any]:
        return [self.empty_form.fields[name].label for name in self.child.fields]

    @property
    def lines(self) -> list[dict[str, Any]]:
        """What the template shows: each row's fields in order, its hidden ones and its box to take it away."""
        lines = []
        for form in self.forms:
            visible = [form[name] for name in self.child.fields]
            hidden = [form["pk"]]
            remove = form["DELETE"] if "DELETE" in form.fields else None
            lines.append({"form": form, "fields": visible, "hidden": hidden, "remove": remove})
        return lines

    def total_error_count(self) -> int:
        return super().total_error_count() if self.is_bound else 0


def formsets_of(setup: Setup, row: Any, data: Any = None, *, locked: bool = False) -> list[ChildFormSet]:
    """One formset per child, filled with the rows there are."""
    return [formset_of(setup, child, row, data, locked=locked) for child in setup.children]


def formset_of(setup: Setup, child: Child, row: Any, data: Any, *, locked: bool) -> ChildFormSet:
    base = modelform_factory(child.model, form=ChildForm, fields=list(child.fields))
    for name, label in child.clocks.items():
        required = base.base_fields[name].required
        base.base_fields[name] = ClockField(label=label, required=required)
    cls = formset_factory(
        base,
        formset=ChildFormSet,
        extra=0 if locked else child.blank_rows,
        can_delete=not locked,
        max_num=LIMIT,
        absolute_max=LIMIT + 50,
        validate_max=True,
    )
    present: list[Any] = []
    if not row._state.adding:
        present = list(child.model._default_manager.filter(**{child.link_to(setup.model): row}))
    initial = [{"pk": c.pk, **{name: c.serializable_value(name) for name in child.fields}} for c in present]
    formset: Any = cls(data, initial=initial, prefix=child.name)
    formset.child = child
    for form in formset.forms:
        for field in form.fields.values():
            field.disabled = locked
    return formset  # type: ignore[no-any-return]


class ChildForm(forms.ModelForm):  # type: ignore[type-arg]
    """One row of a child; judged by the operation, which knows the parent. Empty rows are no rows."""

    pk = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        dress(self)
        for name, field in self.fields.items():
            field.widget.attrs["aria-label"] = str(field.label or name)

    def _post_clean(self) -> None:
        """The operation validates the whole row with its parent; here only what was typed is read."""

    def has_changed(self) -> bool:
        return bool(self.initial.get("pk")) or super().has_changed()
