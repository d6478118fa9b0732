from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.forms.formsets import BaseFormSet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from servicemgmt.core.forms import DateInput, dress, in_order
from servicemgmt.core.money import ZERO

from .models import Account
from .operations import OpeningLine


class YearForm(forms.Form):
    """The year whose fiscal periods are to be made."""

    year = forms.IntegerField(label=gettext_lazy("Year"), min_value=1900, max_value=2200)


class RangeForm(forms.Form):
    """A range of ledger dates, both inclusive."""

    start = forms.DateField(label=gettext_lazy("From"), widget=DateInput)
    end = forms.DateField(label=gettext_lazy("To"), widget=DateInput)

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        in_order(self, "start", "end")
        return cleaned


class OpeningForm(forms.Form):
    """The day and the text of opening balances, and perhaps a file with their lines."""

    on = forms.DateField(label=gettext_lazy("Date"), widget=DateInput)
    text = forms.CharField(label=gettext_lazy("Text"), max_length=160, required=False)
    file = forms.FileField(
        label=gettext_lazy("File"),
        required=False,
        help_text=gettext_lazy(
            "CSV or XLSX with the columns account, debit, credit and text. It is read and checked; nothing is posted."
        ),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        dress(self)


class OpeningLineForm(forms.Form):
    """What one account opens with; `accounts` are those that may be named, by their number."""

    account = forms.CharField(label=gettext_lazy("Account"), max_length=120, required=False)
    debit = forms.DecimalField(label=gettext_lazy("Debit"), max_digits=19, decimal_places=4, required=False)
    credit = forms.DecimalField(label=gettext_lazy("Credit"), max_digits=19, decimal_places=4, required=False)
    text = forms.CharField(label=gettext_lazy("Text"), max_length=160, required=False)

    def __init__(self, *args: Any, accounts: dict[str, Account] | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.accounts = accounts or {}
        for name in ("account", "debit", "credit", "text"):
            field = self.fields[name]
            field.widget = forms.TextInput(attrs={"aria-label": str(field.label)})
        self.fields["account"].widget.attrs["list"] = "accounts"
        for name in ("debit", "credit"):
            self.fields[name].widget.attrs |= {"inputmode": "decimal", "class": "line-price"}

    def clean_account(self) -> Account | None:
        typed = str(self.cleaned_data.get("account") or "")
        if not typed:
            return None
        found = self.accounts.get(typed) or self.accounts.get(typed.split(" ")[0])
        if found is None:
            raise ValidationError(_("There is no account %(number)s.") % {"number": typed})
        return found

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        debit, credit = cleaned.get("debit") or ZERO, cleaned.get("credit") or ZERO
        if debit and credit:
            self.add_error("credit", _("Enter a debit or a credit, not both."))
        if debit < 0 or credit < 0:
            self.add_error("debit" if debit < 0 else "credit", _("Enter an amount above zero."))
        if (debit or credit) and not cleaned.get("account") and "account" not in self.errors:
            self.add_error("account", _("Say which account this is for."))
        return cleaned

    @property
    def line(self) -> OpeningLine | None:
        """The line, or None where nothing was entered."""
        values = self.cleaned_data
        debit, credit = values.get("debit") or ZERO, values.get("credit") or ZERO
        if not values.get("account") or not (debit or credit):
            return None
        return OpeningLine(values["account"], debit, credit, values.get("text") or "")


class OpeningFormSet(BaseFormSet):  # type: ignore[type-arg]
    """The lines of opening balances; the chart of accounts is read once."""

    form, extra, min_num, max_num, absolute_max = OpeningLineForm, 12, 0, 500, 500
    can_order = can_delete = can_delete_extra = validate_min = edit_only = False
    validate_max = True
    renderer = None
    accounts: dict[str, Account]

    def __init__(self, data: Any = None) -> None:
        self.accounts = {row.code: row for row in Account.objects.order_by("code")}
        super().__init__(data, prefix="line", form_kwargs={"accounts": self.accounts})

    @property
    def lines(self) -> list[OpeningLine]:
        return [form.line for form in self.forms if form.line]

    @property
    def problems(self) -> list[str]:
        """Every error with the number of its line, for those that come from a file."""
        return [
            _("Line %(number)s: %(error)s") % {"number": number, "error": error}
            for number, form in enumerate(self.forms, start=1)
            for errors in form.errors.values()
            for error in errors
        ] + [str(error) for error in self.non_form_errors()]

    @property
    def sums(self) -> dict[str, Decimal]:
        """Debit and credit of what could be read, and what they are apart."""
        given = [form.cleaned_data for form in self.forms if hasattr(form, "cleaned_data")]
        debit = sum((row.get("debit") or ZERO for row in given), ZERO)
        credit = sum((row.get("credit") or ZERO for row in given), ZERO)
        return {"debit": debit, "credit": credit, "off": debit - credit}


def filled(rows: Sequence[dict[str, str]]) -> OpeningFormSet:
    """The lines of a file as if they had been typed."""
    data = {"line-TOTAL_FORMS": str(len(rows)), "line-INITIAL_FORMS": "0"}
    for number, row in enumerate(rows):
        data |= {f"line-{number}-{name}": value for name, value in row.items() if name}
    return OpeningFormSet(data)
