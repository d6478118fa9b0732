"""Parsing of what is posted to the board."""

from typing import Any

from django import forms
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from servicemgmt.core.forms import dress
from servicemgmt.masterdata.models import Employee
from servicemgmt.masterdata.queries import company_today, company_zone


class ScheduleForm(forms.Form):
    """Who, on which day, from when, how long: the way to plan a visit without dragging."""

    worker = forms.ChoiceField(label=_("Technician"))
    day = forms.DateField(label=_("Day"))
    start = forms.TimeField(label=_("Start"), required=False, input_formats=["%H:%M"])
    minutes = forms.IntegerField(label=_("Length"), min_value=5, max_value=1440)
    reason = forms.CharField(
        label=_("Why book anyway"),
        required=False,
        max_length=160,
        help_text=_("Only for teams that may book double, and only where the time is taken."),
    )
    version = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["start"].help_text = _(
            "On the clocks of %(zone)s. Empty: the next free time of that day."
        ) % {"zone": company_zone()}
        self.fields["worker"].choices = worker_choices()  # type: ignore[attr-defined]
        self.fields["minutes"].unit = _("min")  # type: ignore[attr-defined]
        self.fields["reason"].wide = True  # type: ignore[attr-defined]
        self.fields["minutes"].widget.attrs["step"] = 5
        dress(self)

    def clean_worker(self) -> Employee:
        return Employee.objects.select_related("team").get(pk=self.cleaned_data["worker"])

    @property
    def asks_reason(self) -> bool:
        """Whether the reason belongs on the page: it was asked for, or given before."""
        return bool(self.errors.get("reason") or self["reason"].value())


def worker_choices() -> list[tuple[Any, Any]]:
    """Everybody who works here today, by team; those in no team last."""
    rows = (
        Employee.objects.filter(Q(ended_on__isnull=True) | Q(ended_on__gt=company_today()))
        .order_by("team__code", "name", "pk")
        .values_list("team__description", "pk", "name")
    )
    groups: dict[str, list[tuple[Any, str]]] = {}
    for team, pk, name in rows:
        groups.setdefault(team or "", []).append((pk, name))
    loose = groups.pop("", [])
    return [("", "")] + list(groups.items()) + ([(_("No team"), loose)] if loose else [])
