"""The forms of template and service BOMs."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from agreements.models import (
    AgreementObject,
    BomSource,
    ServiceBom,
    ServiceBomLine,
    TemplateBom,
    TemplateBomLine,
)
from servicemgmt.core.forms import hide_unless
from servicemgmt.masterdata.models import Item, ItemKind
from servicemgmt.masterdata.queries import company_today
from servicemgmt.projects.forms import PlainForm

from .queries import home_of, present_lines, targets_of
from .trees import Shown, flat

QUANTITY: dict[str, Any] = {"max_digits": 13, "decimal_places": 6, "min_value": 0}


class TemplateForm(PlainForm):
    """TB-01: a template and what it is made from."""

    name = forms.CharField(label=_("Name"), max_length=160)
    source = forms.ChoiceField(
        label=_("Made from"),
        choices=[choice for choice in BomSource.choices if choice[0] != BomSource.SERVICE],
        initial=BomSource.MANUAL,
    )
    item = forms.ModelChoiceField(
        Item.objects.filter(kind=ItemKind.BOM),
        label=_("Item"),
        help_text=_("Of the kind bill of materials. A copy of another template BOM gets that one’s."),
    )
    template = forms.ModelChoiceField(
        TemplateBom.objects.all(),
        label=_("Template BOM to copy"),
        help_text=_("Where the template is made from another."),
    )
    on = forms.DateField(label=_("As of"), help_text=_("The parts list that is valid on this day is taken."))
    from_date = forms.DateField(
        label=_("Valid from"), required=False, help_text=_("For your information only.")
    )
    to_date = forms.DateField(label=_("Valid to"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """A copy needs the template, all others the item: that alone is asked for, where the page can tell."""
        super().__init__(*args, **kwargs)
        own = [source for source in BomSource.values if source != BomSource.TEMPLATE]
        hide_unless(self.fields["item"], "source", own)
        hide_unless(self.fields["template"], "source", [BomSource.TEMPLATE])
        if self.is_bound:
            is_copy = self["source"].value() == BomSource.TEMPLATE
            self.fields["item" if is_copy else "template"].required = False


class TemplateHeadForm(PlainForm):
    """What of a template can be changed while it is not in use."""

    name = forms.CharField(label=_("Name"), max_length=160)
    from_date = forms.DateField(
        label=_("Valid from"), required=False, help_text=_("For your information only.")
    )
    to_date = forms.DateField(label=_("Valid to"), required=False)
    version = forms.IntegerField(widget=forms.HiddenInput)


class LineChoice(forms.ModelChoiceField):
    """A line of a BOM, shown as deep as it lies in the tree."""

    def __init__(self, **options: Any) -> None:
        super().__init__(queryset=None, required=False, empty_label=_("At the top"), **options)
        self.depths: dict[int, int] = {}

    def offer(self, rows: Any, shown: list[Shown[Any]]) -> None:
        self.depths = {row.line.pk: row.depth for row in shown}
        self.queryset = rows
        blank = [("", self.empty_label)]
        self.choices = blank + [(row.line.pk, self.label_from_instance(row.line)) for row in shown]

    def label_from_instance(self, line: Any) -> str:
        return "\u2003" * self.depths.get(line.pk, 0) + str(line.item)


class TemplateLineForm(PlainForm):
    """A part that is added to a template."""

    item = forms.ModelChoiceField(Item.objects.all(), label=_("Item"))
    quantity = forms.DecimalField(label=_("Quantity"), initial=1, **QUANTITY)
    parent = LineChoice(label=_("Part of"))
    version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, template: TemplateBom, **kwargs: Any) -> None:
        super().__init__(*args, initial={"version": template.version}, **kwargs)
        rows = TemplateBomLine.objects.filter(template=template).select_related("item")
        self.fields["parent"].offer(rows, flat(rows))


class QuantityForm(PlainForm):
    """Another quantity of a line of a template; 0 deletes it."""

    quantity = forms.DecimalField(label=_("Quantity"), **QUANTITY)
    version = forms.IntegerField(widget=forms.HiddenInput)


class AttachForm(PlainForm):
    """TB-03: the template whose lines an object gets."""

    template = forms.ModelChoiceField(TemplateBom.objects.all(), label=_("Template BOM"))


class TargetChoice(forms.ModelChoiceField):
    def label_from_instance(self, relation: Any) -> str:
        return f"{home_of(relation)} {relation.agreement.description} {relation.reference}".strip()


class MoveBomForm(PlainForm):
    """TB-09: the agreement whose relation of the object gets the service BOM."""

    to = TargetChoice(AgreementObject.objects.none(), label=_("Service agreement"))
    version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, bom: ServiceBom, **kwargs: Any) -> None:
        super().__init__(*args, initial={"version": bom.version}, **kwargs)
        self.fields["to"].queryset = targets_of(bom, today=company_today())


class VersionForm(PlainForm):
    """Nothing but the version that the page showed."""

    version = forms.IntegerField(widget=forms.HiddenInput)


class NameForm(PlainForm):
    """TB-10: what the new template is called."""

    name = forms.CharField(label=_("Name"), max_length=160)


class QuickPartForm(PlainForm):
    """TB-07: an item that is dragged into a service BOM, or added by its button."""

    item = forms.ModelChoiceField(Item.objects.all())
    parent = forms.ModelChoiceField(ServiceBomLine.objects.none(), required=False)
    version = forms.IntegerField()

    def __init__(self, *args: Any, bom: ServiceBom, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["parent"].queryset = present_lines(bom)
