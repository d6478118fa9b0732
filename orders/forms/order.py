"""Creating an order by hand, and changing its header."""

from datetime import time
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from django.utils.translation import gettext_lazy as _

from agreements.models import ServiceObject
from orders.models import ServiceOrder
from orders.promise import LEFT_OUT, promise_between
from orders.queries.parameters import parameters
from servicemgmt.core.forms import ModelForm, SearchSelect, TimeInput, replace
from servicemgmt.masterdata.models import Contact, Customer


class HeaderForm(ModelForm):
    """What both forms share: the promised window as two times of the service day, in the site's zone."""

    window_from = forms.TimeField(required=False, label=_("Promised from"), widget=TimeInput)
    window_until = forms.TimeField(required=False, label=_("until"), widget=TimeInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["description"].wide = True
        self.fields["details"].wide = True
        self.fields["details"].widget.attrs["rows"] = 3

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        start, end = cleaned.get("window_from"), cleaned.get("window_until")
        if (start is None) != (end is None):
            self.add_error("window_until", _("Give both times, or none."))
        elif start and end and end <= start:
            self.add_error("window_until", _("The end must be after the start."))
        return cleaned

    @property
    def hours(self) -> tuple[time, time] | None:
        """What is promised, by the clock; None for nothing."""
        start, end = (self.cleaned_data.get(name) for name in ("window_from", "window_until"))
        return (start, end) if start and end else None

    def show_window(self, order: ServiceOrder) -> None:
        if order.promised_window:
            zone = ZoneInfo(order.site.time_zone)
            self.initial["window_from"] = order.promised_window.lower.astimezone(zone).time()
            self.initial["window_until"] = order.promised_window.upper.astimezone(zone).time()

    def narrow(self, customer_id: Any, *names: str) -> None:
        """Offer only what is the customer's."""
        for name in names:
            field = self.fields[name]
            if isinstance(field.widget, SearchSelect):
                field.widget.narrow = {"customer": customer_id}
            else:
                field.queryset = field.queryset.filter(customer=customer_id)


class OrderForm(HeaderForm):
    """A new order: from an agreement, a project, or a customer alone."""

    service_object = forms.ModelChoiceField(
        ServiceObject.objects.all(), required=False, label=_("Service object"), widget=SearchSelect()
    )

    class Meta:
        model = ServiceOrder
        fields = [
            "customer", "agreement", "project", "site", "description", "details", "service_on", "priority",
            "preferred_technician", "responsible", "contact", "activity_type",
        ]  # fmt: skip

    #: What changes with the customer, so that the page asks for it again.
    DEPENDENT = ("agreement", "project", "site", "service_object", "contact")

    def __init__(self, *args: Any, customer: Customer | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("customer", "site", "description", "service_on"):
            self.fields[name].required = False
        self.fields["agreement"].required = not parameters().allow_without_agreement
        self.fields["description"].help_text = _("Empty: the agreement's.")
        self.fields["site"].help_text = _("Empty: the object's, the project's or the only one.")
        replace(self.fields["contact"], forms.Select())
        if customer:
            self.narrow(customer.pk, "agreement", "project", "site", "service_object", "contact")
        else:
            self.fields["contact"].queryset = Contact.objects.none()

    @property
    def values(self) -> dict[str, Any]:
        """What create_order takes; empty people are left to the agreement."""
        given = {name: value for name, value in self.cleaned_data.items() if value not in (None, "")}
        for name in ("version", "window_from", "window_until"):
            given.pop(name, None)
        return given | {"promised_hours": self.hours}


class OrderEditForm(HeaderForm):
    """The header of an order; its customer and agreement stay."""

    class Meta:
        model = ServiceOrder
        fields = [
            "description", "details", "service_on", "priority", "project", "site", "preferred_technician",
            "responsible", "contact", "activity_type",
        ]  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        replace(self.fields["contact"], forms.Select())
        self.narrow(self.instance.customer_id, "project", "site", "contact")
        self.show_window(self.instance)
        if self.instance.agreement_id:
            del self.fields["project"]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if cleaned.get("site") and cleaned.get("service_on") and self.hours and self.window is None:
            self.add_error("window_until", LEFT_OUT)
        return cleaned

    @property
    def window(self) -> DateTimeTZRange | None:
        """The promised hours of the service day at the site, or None."""
        day, zone = self.cleaned_data["service_on"], self.cleaned_data["site"].time_zone
        return promise_between(day, *self.hours, zone) if self.hours else None

    @property
    def values(self) -> dict[str, Any]:
        """What change_order takes."""
        names = [name for name in self.cleaned_data if name in self._meta.fields]  # type: ignore[attr-defined]
        return {name: self.cleaned_data[name] for name in names} | {"promised_window": self.window}
