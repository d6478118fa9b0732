"""Opening items as they are typed or read from a file."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.forms.formsets import BaseFormSet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from servicemgmt.ledger.opening_file import read_lines
from servicemgmt.masterdata.models import Currency, Customer

from ..forms import PlainForm
from ..operations.opening import OpeningItem

MOST_LINES = 500
COLUMNS = {
    "customer": gettext_lazy("Customer"),
    "document": gettext_lazy("Document"),
    "date": gettext_lazy("Date"),
    "due": gettext_lazy("Due"),
    "amount": gettext_lazy("Amount"),
    "currency": gettext_lazy("Currency"),
    "company_amount": gettext_lazy("Amount in company currency"),
}


def read_opening_items(name: str, content: bytes) -> list[dict[str, str]]:
    """The lines of a CSV or XLSX file. Raises Invalid (field `file`) with what is wrong with the file."""
    labels = {name: str(label) for name, label in COLUMNS.items()}
    lines = read_lines(name, content, labels, optional=2)
    for line in lines:
        for name in ("date", "due"):
            line[name] = line.get(name, "").removesuffix(" 00:00:00")
    return lines


class OpeningItemsForm(PlainForm):
    """The ledger date of opening items, and perhaps a file with them."""

    on = forms.DateField(
        label=gettext_lazy("Posted on"),
        help_text=gettext_lazy("The date of the opening balances, where the total of these items stands."),
    )
    file = forms.FileField(
        label=gettext_lazy("File"),
        required=False,
        help_text=gettext_lazy(
            "CSV or XLSX with the columns customer, document, date, due, amount, and perhaps currency and "
            "company_amount. It is read and checked; nothing is posted."
        ),
    )


class OpeningItemForm(forms.Form):
    """One document; `customers` by number and name, `currencies` by code."""

    customer = forms.CharField(label=COLUMNS["customer"], max_length=200, required=False)
    document = forms.CharField(label=COLUMNS["document"], max_length=24, required=False)
    date = forms.DateField(label=COLUMNS["date"], required=False)
    due = forms.DateField(label=COLUMNS["due"], required=False)
    amount = forms.DecimalField(label=COLUMNS["amount"], max_digits=19, decimal_places=4, required=False)
    currency = forms.CharField(label=COLUMNS["currency"], max_length=3, required=False)
    company_amount = forms.DecimalField(
        label=COLUMNS["company_amount"], max_digits=19, decimal_places=4, required=False
    )

    def __init__(
        self,
        *args: Any,
        customers: dict[str, Customer] | None = None,
        currencies: dict[str, Currency] | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.customers, self.currencies = customers or {}, currencies or {}
        for name, field in self.fields.items():
            field.widget = forms.TextInput(attrs={"aria-label": str(field.label)})
            if name in {"amount", "company_amount"}:
                field.widget.attrs |= {"inputmode": "decimal", "class": "line-price"}

    def clean_customer(self) -> Customer | None:
        typed = str(self.cleaned_data.get("customer") or "")
        if typed and typed.casefold() not in self.customers:
            raise ValidationError(_("There is no customer %(number)s.") % {"number": typed})
        return self.customers.get(typed.casefold())

    def clean_currency(self) -> Currency | None:
        typed = str(self.cleaned_data.get("currency") or "").upper()
        if typed and typed not in self.currencies:
            raise ValidationError(_("There is no currency %(code)s.") % {"code": typed})
        return self.currencies.get(typed)

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        if self.has_changed():
            for name in ("customer", "document", "date", "due", "amount"):
                if not cleaned.get(name) and name not in self.errors:
                    label = COLUMNS[name]
                    self.add_error(name, _("%(field)s is missing.") % {"field": label})
        return cleaned

    @property
    def item(self) -> OpeningItem | None:
        """The item, or None where nothing was entered."""
        values = self.cleaned_data
        if not values.get("customer"):
            return None
        return OpeningItem(
            customer=values["customer"],
            label=values["document"],
            dated=values["date"],
            due_on=values["due"],
            currency=values.get("currency") or values["customer"].currency,
            amount=values["amount"],
            company_amount=values.get("company_amount"),
        )


class OpeningItemFormSet(BaseFormSet):
    """The lines of opening items; the customers and currencies they name are read once."""

    form, extra, min_num, max_num, absolute_max = OpeningItemForm, 8, 0, MOST_LINES, MOST_LINES
    can_order = can_delete = can_delete_extra = validate_min = edit_only = False
    validate_max = True
    renderer = None

    def __init__(self, data: Any = None) -> None:
        known = {
            "customers": customers_named(data) if data is not None else {},
            "currencies": {row.code: row for row in Currency.objects.all()},
        }
        super().__init__(data, prefix="line", form_kwargs=known)

    @property
    def items(self) -> list[OpeningItem]:
        return [form.item for form in self.forms if form.item]

    @property
    def problems(self) -> list[str]:
        """Every error with the number of its line, for those that come from a file."""
        return [
            _("Line %(number)s: %(error)s") % {"number": number, "error": error}
            for number, form in enumerate(self.forms, start=1)
            for errors in form.errors.values()
            for error in errors
        ] + [str(error) for error in self.non_form_errors()]


def customers_named(data: Any) -> dict[str, Customer]:
    """The customers whose number stands in the lines, by that number, in any case; PostgreSQL holds no NUL."""
    named = (str(data[name]).strip() for name in data if name.endswith("-customer"))
    typed = {number for number in named if number and "\x00" not in number}
    wanted = typed | {name.upper() for name in typed}
    rows = Customer.objects.filter(number__in=wanted).select_related("currency")
    return {row.number.casefold(): row for row in rows}


def filled(rows: Sequence[dict[str, str]]) -> OpeningItemFormSet:
    """The lines of a file as if they had been typed."""
    data = {"line-TOTAL_FORMS": str(len(rows)), "line-INITIAL_FORMS": "0"}
    for number, row in enumerate(rows):
        data |= {f"line-{number}-{name}": value for name, value in row.items() if name}
    return OpeningItemFormSet(data)
