from datetime import date, timedelta
from typing import Any

from django import forms
from django.core.validators import MaxValueValidator
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from agreements.models import AgreementStatus, ClosedDay, Renewal, ServiceAgreement, ServiceLevelAgreement
from agreements.models.agreement import MOST_NOTICE_DAYS
from agreements.queries import days_rested, usual_activity_type, usual_group
from servicemgmt.core.display import moment
from servicemgmt.core.forms import DateInput, ModelForm, SearchSelect, dress
from servicemgmt.masterdata.models import Employee

LAYOUT = [
    (_("What and for whom"), ["description", "project", "group", "contact"]),
    (_("Quote"), ["as_quote", "quoted_until"]),
    (_("How long"), ["start_date", "end_date", "renewal", "term_months", "notice_days"]),
    (_("Who"), ["responsible", "preferred_technician"]),
    (_("Visits"), ["combine_by", "closed_day", "activity_type", "calendar"]),
    (_("Promises and prices"), ["sla", "sla_on_generated_orders", "price_list", "prices_fixed_until"]),
    (_("Template"), ["template_group"]),
]

HELP = {
    "project": _("What the work is booked and invoiced through; it also says who the customer is."),
    "quoted_until": _("The last day on which the customer can agree. Empty: until it is decided."),
    "end_date": _("Empty: until further notice."),
    "renewal": _(
        "What happens after the last day: nothing, a reminder, or a successor that is made by itself."
    ),
    "notice_days": _("Until so many days before the end somebody may say that it is not renewed."),
    "prices_fixed_until": _("Price adjustments leave this agreement alone until then."),
    "combine_by": _("Lines that fall on the same day share an order only where this is the same."),
    "closed_day": _(
        "What happens to a visit that may fall on no other day than one on which nobody is there."
    ),
    "sla": _("Empty: the group's."),
    "sla_on_generated_orders": _("The clock of a created order starts when its day opens."),
    "preferred_technician": _("Put him into a dispatch team, or the board does not show him."),
    "template_group": _("Makes this a template: its lines are copied, and nothing is ever created from it."),
    "calendar": _("On which days visits may fall. Empty: the site's, else the company's."),
    "price_list": _("Prices agreed for this agreement; they go before all others."),
}


class AgreementForm(ModelForm):
    """The header of an agreement. A new one starts with the usual group, its SLA and the usual activity type."""

    class Meta:
        model = ServiceAgreement
        fields = [name for _legend, names in LAYOUT for name in names if name != "as_quote"]

    as_quote = forms.BooleanField(
        label=_("As a quote"),
        required=False,
        help_text=_("Nothing is created, charged or promised from it before the customer agrees."),
    )

    def __init__(
        self,
        *args: Any,
        for_template: bool = False,
        source: ServiceAgreement | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.source = source
        for name, text in HELP.items():
            self.fields[name].help_text = text
        self.fields["closed_day"].required = False
        self.for_template = for_template or self.instance.is_template
        if self.instance._state.adding:
            self._start()
        self._keep_quote()
        self.fields["sla"].queryset = offered_slas(self.instance.sla_id)
        if self.instance.customer_id and isinstance(self.fields["contact"].widget, SearchSelect):
            self.fields["contact"].widget.narrow = {"customer": self.instance.customer_id}
        self.fields["renewal"].required = False
        self.fields["notice_days"].required = False
        self.fields["notice_days"].validators.append(MaxValueValidator(MOST_NOTICE_DAYS))
        self.fields["project"].required = not self.for_template
        self.fields["template_group"].required = for_template

    def _keep_quote(self) -> None:
        """Whether it is a quote is said once, when it is made; until when it stands is said of quotes alone."""
        if not self.instance._state.adding or self.for_template:
            del self.fields["as_quote"]
        if self.for_template or self.instance.is_agreed and not self.instance._state.adding:
            del self.fields["quoted_until"]

    def _start(self) -> None:
        group = usual_group()
        self.fields["group"].initial = group.pk if group else None
        self.fields["group"].widget.attrs |= {
            "hx-get": reverse("agreements:group_sla"),
            "hx-target": "#id_sla",
            "hx-swap": "outerHTML",
            "hx-sync": "this:replace",
            "hx-disable": "#form .form-foot button",  # saved now, it would keep the SLA of the group before
        }
        sla = group.sla if group else None
        self.fields["sla"].initial = sla.pk if sla and not sla.suspended else None
        self.fields["activity_type"].initial = getattr(usual_activity_type(), "pk", None)

    @property
    def fieldsets(self) -> list[dict[str, Any]]:
        shown = [(legend, [name for name in names if name in self.fields]) for legend, names in LAYOUT]
        return [
            {"legend": legend, "fields": [self[name] for name in names]} for legend, names in shown if names
        ]

    def clean_closed_day(self) -> str:
        return self.cleaned_data["closed_day"] or ClosedDay.WARN

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        cleaned["renewal"] = cleaned.get("renewal") or Renewal.NONE
        cleaned["notice_days"] = cleaned.get("notice_days") or 0
        if cleaned.pop("as_quote", False):
            cleaned["status"] = AgreementStatus.QUOTE
        elif self.instance._state.adding and cleaned.get("quoted_until"):
            self.add_error("quoted_until", _("Only a quote stands until a day; tick “As a quote”."))
        return cleaned

    def _post_clean(self) -> None:
        """The operation decides; here only what was typed is read."""


def offered_slas(chosen: int | None) -> Any:
    """SLA-13: suspended ones are offered only where they are chosen already."""
    rows = ServiceLevelAgreement.objects
    return rows.selectable() | rows.filter(pk=chosen) if chosen else rows.selectable()


class EndForm(forms.Form):
    """When and why an agreement ends."""

    on = forms.DateField(label=_("Last day"), widget=DateInput)
    reason = forms.CharField(label=_("Why it ends"), max_length=160)
    version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        dress(self)


class ResumeForm(forms.Form):
    """Whether the days of rest are added to the term; asked where there are any."""

    keeps_term = forms.BooleanField(label=_("Let it end as many days later"), required=False)
    version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, agreement: ServiceAgreement, on: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if days := days_rested(agreement, on):
            assert agreement.end_date
            self.fields["keeps_term"].help_text = ngettext(
                "It rested %(days)d day: it would end on %(end)s instead of %(now)s.",
                "It rested %(days)d days: it would end on %(end)s instead of %(now)s.",
                days,
            ) % {
                "days": days,
                "end": moment(agreement.end_date + timedelta(days=days)),
                "now": moment(agreement.end_date),
            }
        else:
            del self.fields["keeps_term"]


class ReasonForm(forms.Form):
    """Why something of an agreement is stopped."""

    reason = forms.CharField(label=_("Why"), max_length=160)
    version = forms.IntegerField(widget=forms.HiddenInput)


class ResponsibleForm(forms.Form):
    """AG-20: a new responsible for several agreements."""

    responsible = forms.ModelChoiceField(
        label=_("Responsible"),
        queryset=Employee.objects.all(),
        required=False,
        help_text=_("Empty: nobody is responsible for them any more."),
    )
    pk = forms.ModelMultipleChoiceField(
        queryset=ServiceAgreement.objects.all(), widget=forms.MultipleHiddenInput, label=_("Agreements")
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        dress(self)
