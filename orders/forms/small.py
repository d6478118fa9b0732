"""The small forms of an order's page."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.utils.translation import gettext_lazy as _

from agreements.models import ServiceAgreement, ServiceObject, ServiceTask
from orders.models import ServiceOrder, StageReasonCode
from orders.queries.related import objects_to_relate
from servicemgmt.core.display import number
from servicemgmt.core.forms import DateInput, DateTimeInput, JSONField, dress, in_order, offer_current
from servicemgmt.core.web import whole
from servicemgmt.masterdata.models import Customer, Employee
from servicemgmt.projects.models import LineKind, Project
from servicemgmt.projects.requirements.forms import RequireForm


class DressedForm(forms.Form):
    """A plain form with this product's widgets, offering only what has not ended."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        dress(self)
        for field in self.fields.values():
            if isinstance(field, forms.ModelChoiceField):
                offer_current(field, None)


class VersionedForm(DressedForm):
    """A form that names the version of the order it was read at."""

    version = forms.IntegerField(widget=forms.HiddenInput)


class ReasonForm(VersionedForm):
    """The reason that a stage, a stop or a cancellation asks for."""

    reason = forms.ModelChoiceField(StageReasonCode.objects.all(), label=_("Reason"))
    text = forms.CharField(required=False, max_length=250, label=_("Remark"))

    def __init__(self, *args: Any, required: bool = True, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reason"].required = required


class OrderRequireForm(RequireForm):
    """An item to reserve for an order, and the line of it that needs it, where there is one."""

    line = forms.IntegerField(widget=forms.HiddenInput, required=False)


class ManualReasonForm(DressedForm):
    """A reason noted by hand (SG-10)."""

    reason = forms.ModelChoiceField(StageReasonCode.objects.all(), label=_("Reason"))
    text = forms.CharField(required=False, max_length=250, label=_("Remark"))


class ClockForm(ReasonForm):
    """Starting and stopping the SLA clock by hand; the moment is the site's local time, empty is now."""

    moment = forms.DateTimeField(
        required=False, label=_("Moment"), help_text=_("The site's time. Empty: now."), widget=DateTimeInput
    )

    def __init__(self, *args: Any, zone: str, with_reason: bool, **kwargs: Any) -> None:
        super().__init__(*args, required=False, **kwargs)
        self.zone = ZoneInfo(zone)
        if not with_reason:
            del self.fields["reason"], self.fields["text"]

    def clean_moment(self) -> datetime | None:
        """The browser's field has no zone; the one it is read in is the site's."""
        moment = self.cleaned_data["moment"]
        return moment.replace(tzinfo=self.zone) if moment else None


class NotesForm(VersionedForm):
    """The two notes of a related task."""

    note_internal = forms.CharField(
        required=False, label=_("Note for the technician"), widget=forms.Textarea(attrs={"rows": 3})
    )
    note_external = forms.CharField(
        required=False, label=_("Note for the customer"), widget=forms.Textarea(attrs={"rows": 3})
    )


class ObjectForm(DressedForm):
    """Attach a service object of the order's customer."""

    service_object = forms.ModelChoiceField(ServiceObject.objects.all(), label=_("Service object"))
    reference = forms.CharField(required=False, max_length=80, label=_("Reference"))

    def __init__(self, *args: Any, order: ServiceOrder, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["service_object"]
        field.queryset = objects_to_relate(order)
        if hasattr(field.widget, "narrow"):
            field.widget.narrow = {"customer": order.customer_id}


class TaskForm(DressedForm):
    """Attach a task; its notes start as the task's own."""

    service_task = forms.ModelChoiceField(ServiceTask.objects.all(), label=_("Task"))


class AssignForm(DressedForm):
    """Put a technician on the order."""

    worker = forms.ModelChoiceField(Employee.objects.all(), label=_("Technician"))
    lead = forms.BooleanField(required=False, label=_("leads the visit"))


class ReturnPartForm(VersionedForm):
    """How much of a posted part comes back to stock."""

    quantity = forms.DecimalField(label=_("Comes back"), max_digits=13, decimal_places=6, min_value=0)
    lot = forms.CharField(
        max_length=2000,
        required=False,
        label=_("Serial numbers"),
        help_text=_("Which pieces come back, with commas between."),
    )
    text = forms.CharField(max_length=160, required=False, label=_("Why"))

    def __init__(self, *args: Any, pieces: Sequence[str] = (), **kwargs: Any) -> None:
        """`pieces`: the serial numbers that are out; none where it is clear what comes back."""
        super().__init__(*args, **kwargs)
        if pieces:
            self.initial.setdefault("lot", ", ".join(pieces))
            self.initial["quantity"] = len(pieces)
        else:
            del self.fields["lot"]


class SignForm(VersionedForm):
    """Sign off with a typed name, or with what was drawn on the pad."""

    key = forms.UUIDField(widget=forms.HiddenInput)
    signer_name = forms.CharField(max_length=120, label=_("Name of who signs"))
    signer_role = forms.CharField(max_length=80, required=False, label=_("Role"))
    strokes = JSONField(required=False, widget=forms.HiddenInput)
    reason = forms.ModelChoiceField(
        StageReasonCode.objects.all(), required=False, label=_("Reason for exceeding the SLA")
    )

    def __init__(self, *args: Any, asks_reason: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not asks_reason:
            del self.fields["reason"]


#: How many orders one address can name.
MOST_TICKED = 1000


class PostingForm(DressedForm):
    """Which orders to post, and what of them (PR-02, PR-03)."""

    kinds = forms.MultipleChoiceField(
        choices=LineKind.choices,
        widget=forms.CheckboxSelectMultiple,
        label=_("Post"),
        initial=LineKind.values,
    )
    customer = forms.ModelChoiceField(Customer.objects.all(), required=False, label=_("Customer"))
    agreement = forms.ModelChoiceField(
        ServiceAgreement.objects.all(), required=False, label=_("Service agreement")
    )
    project = forms.ModelChoiceField(Project.objects.all(), required=False, label=_("Project"))
    since = forms.DateField(required=False, label=_("Service date from"), widget=DateInput)
    until = forms.DateField(required=False, label=_("to"), widget=DateInput)
    orders = forms.CharField(required=False, widget=forms.HiddenInput)
    lines = forms.CharField(required=False, widget=forms.HiddenInput)

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or {}
        in_order(self, "since", "until")
        return given

    def clean_lines(self) -> list[int]:
        """Keys of lines, separated by commas."""
        return [key for part in self.cleaned_data["lines"].split(",") if (key := whole(part))]

    def clean_orders(self) -> list[int]:
        """Keys of orders, separated by commas; none is left out silently."""
        found = [key for part in self.cleaned_data["orders"].split(",") if (key := whole(part))]
        if len(found) > MOST_TICKED:
            raise forms.ValidationError(
                _(
                    "%(count)s orders are ticked, and at most %(most)s can be posted that way. "
                    "Post by customer, agreement, project or days instead."
                )
                % {"count": number(len(found)), "most": number(MOST_TICKED)}
            )
        return found

    @property
    def parameters(self) -> dict[str, Any]:
        """The run's parameters, as `queries.posting.orders_to_post` reads them."""
        given = self.cleaned_data
        found: dict[str, Any] = {"kinds": given["kinds"]}
        for name in ("orders", "lines"):
            if given[name]:
                found[name] = given[name]
        for name in ("customer", "agreement", "project"):
            if given[name]:
                found[name] = given[name].pk
        for name, key in (("since", "from"), ("until", "to")):
            if given[name]:
                found[key] = given[name].isoformat()
        return found
