from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from agreements.models import ServiceObject
from servicemgmt.core.forms import DateInput, ModelForm, dress
from servicemgmt.masterdata.forms import not_ahead
from servicemgmt.masterdata.models import Customer, Site

LAYOUT = [
    (_("What"), ["description", "group", "item", "serial_number", "parent", "template_bom"]),
    (_("Where"), ["customer", "site", "placed_on", "is_loaner"]),
    (_("Warranty"), [f"warranty_{of}_{what}" for of in ("parts", "labour") for what in ("until", "percent")]),
    (_("More"), ["notes", "ended_on"]),
]


SHARES = ("warranty_parts_percent", "warranty_labour_percent")


class ObjectForm(ModelForm):
    """A service object. Its site is chosen once; later it moves."""

    placed_on = forms.DateField(
        label=_("Stands there since"),
        required=False,
        widget=DateInput,
        help_text=_("Empty: as long as is known."),
    )

    class Meta:
        model = ServiceObject
        fields = [name for _legend, names in LAYOUT for name in names if name != "placed_on"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["customer"].help_text = _("Empty: that of what it is part of, or the site’s.")
        self.fields["template_bom"].help_text = _("Proposed where a template BOM is attached.")
        self.fields["parent"].help_text = _(
            "The object of the same customer that this one is a component of."
        )
        self.fields["is_loaner"].help_text = _(
            "It belongs to the company, so it has no customer, and is lent to customers while theirs is repaired."
        )
        for name in SHARES:
            self.fields[name].required = False
            self.fields[name].help_text = _("Of a lesser share the customer is charged the rest. Empty: 100.")
        if self.instance._state.adding:
            del self.fields["ended_on"]
        else:
            del self.fields["site"], self.fields["placed_on"]

    @property
    def fieldsets(self) -> list[dict[str, Any]]:
        return [
            {"legend": legend, "fields": [self[name] for name in names if name in self.fields]}
            for legend, names in LAYOUT
        ]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        for name in SHARES:
            if cleaned.get(name, 0) is None:
                cleaned[name] = Decimal(100)
        return cleaned

    def _post_clean(self) -> None:
        """The operation decides; here only what was typed is read."""


class MoveForm(forms.Form):
    """Where an object goes and from which day it stands there, whose it is then, and whether its parts go along."""

    site = forms.ModelChoiceField(label=_("New site"), queryset=Site.objects.all())
    on = forms.DateField(label=_("There from"), widget=DateInput)
    customer = forms.ModelChoiceField(
        label=_("Customer"),
        queryset=Customer.objects.all(),
        required=False,
        help_text=_("Whose it is from then on; its components change hands with it."),
    )
    with_parts = forms.BooleanField(label=_("Its components that stand there go along"), required=False)
    version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, moved: ServiceObject, initial: dict[str, Any], **kwargs: Any) -> None:
        first = {"version": moved.version, "customer": moved.customer_id, "with_parts": True}
        super().__init__(*args, initial=first | initial, **kwargs)
        if not moved.children.filter(site=moved.site_id).exists():
            del self.fields["with_parts"]
        dress(self)


class SwapForm(forms.Form):
    """The number of what was put in, and when."""

    serial_number = forms.CharField(label=_("New serial number"), max_length=60)
    on = forms.DateField(label=_("Date"), widget=DateInput, validators=[not_ahead])
    text = forms.CharField(
        label=_("Text"), max_length=160, required=False, help_text=_("Why, and where the old one went.")
    )
    version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        dress(self)
