"""A form for one row, and doing the work of a valid form."""

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.forms.utils import ErrorList

from ..constraints import readable
from ..display import typed
from ..errors import Invalid, Refused, Sentence, Stale
from .choices import offer_current
from .dressing import dress
from .meanwhile import go_on


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
                self.initial[name] = typed(value)

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


def submit(form: Any, work: Callable[[], Any]) -> Any:
    """Do the work of a valid form; a refusal becomes the form's error, at its field where it names one.

    Gives what the work gave, or None with `form.refusal` set: `status_of(form.refusal)` is the answer's status. A form
    that came too late keeps what was typed, says what is there now and can be sent again.
    """
    form.refusal = None
    try:
        return work()
    except Refused as refusal:
        form.refusal = refusal
        name = refusal.field if isinstance(refusal, Invalid) and refusal.field in form.fields else None
        form.add_error(name, str(refusal))
        if isinstance(refusal, Stale):
            go_on(form)
    except ValidationError as error:
        form.refusal = Invalid(" ".join(error.messages))
        for name, sentences in by_field(error).items():
            form.add_error(name if name in form.fields else None, ErrorList(sentences).as_data())
    return None


def by_field(error: ValidationError) -> dict[str, list[Any]]:
    return error.error_dict if hasattr(error, "error_dict") else {NON_FIELD_ERRORS: error.error_list}
