"""The lists of BOMs, and what the trail calls what is done with them."""

from typing import Any

from django.db.models import Exists, OuterRef, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django_filters import ChoiceFilter, FilterSet, ModelChoiceFilter

from agreements.models import BomAction, BomChange, ServiceBom, ServiceBomLine, ServiceObject, TemplateBom
from servicemgmt.core.audit import register_subject
from servicemgmt.core.filters import DateFromToRangeFilter
from servicemgmt.core.lists import Column, ListSpec, Tab
from servicemgmt.core.search import register as searchable
from servicemgmt.core.trail import name_actions
from servicemgmt.masterdata.models import Item

USED = Exists(ServiceBom.objects.filter(template=OuterRef("pk"), removed_at=None))


class TemplateFilter(FilterSet):
    item = ModelChoiceFilter(label=_("Item"), queryset=Item.objects.all())
    bom_date = DateFromToRangeFilter(label=_("As of"))

    class Meta:
        model = TemplateBom
        fields: list[str] = []


TEMPLATES = ListSpec(
    name="template-boms",
    title=_("Template BOMs"),
    help=_("The standard parts of types of objects. One that is attached to an object stays as it is."),
    columns=[
        Column("number", _("Number"), sort="number", kind="link"),
        Column("name", _("Name"), sort="name"),
        Column("item__number", _("Item"), sort="item__number", sub=lambda row: row["item__name"], needs=["item__name"]),
        Column("source", _("Made from"), sub=lambda row: row["source_label"], needs=["source_label"]),
        Column("bom_date", _("As of"), sort="bom_date"),
        Column("from_date", _("Valid from"), sort="from_date"),
        Column("to_date", _("Valid to"), sort="to_date"),
    ],
    default_sort="number",
    filterset=TemplateFilter,
    row_url=lambda row: reverse("agreements:template_bom", args=[row["number"]]),
    create=("agreements:template_bom_new", _("New template BOM"), "agreements.add_templatebom"),
    tabs=[
        Tab("all", _("All")),
        Tab("used", _("In use"), Q(USED)),
        Tab("free", _("Not in use"), ~Q(USED)),
    ],
    empty_title=_("No template BOMs yet"),
    empty_text=_("Enter what a type of object consists of; it is then copied for each object that you look after."),
    empty_icon="boxes",
)  # fmt: skip


def left_after(row: dict[str, Any]) -> Any:
    """How many there are after the change: of what was added, all; else what is left of the part before."""
    return row["quantity"] if row["action"] == BomAction.INSERTED else row["quantity_left"]


class ChangeFilter(FilterSet):
    service_object = ModelChoiceFilter(label=_("Service object"), queryset=ServiceObject.objects.all())
    action = ChoiceFilter(label=_("Action"), choices=BomAction.choices)
    made_on = DateFromToRangeFilter(label=_("Date"))

    class Meta:
        model = BomChange
        fields: list[str] = []


def open_bom(row: dict[str, Any]) -> str:
    return reverse("agreements:service_bom", args=[row["bom"]]) if row["bom__removed_at"] is None else ""


CHANGES = ListSpec(
    name="service-bom-history",
    title=_("Service BOM history"),
    help=_("Every part that was put into an object, taken out or replaced."),
    columns=[
        Column("made_on", _("Date"), sort="made_on"),
        Column(
            "service_object__number",
            _("Service object"),
            sort="service_object__number",
            kind="link",
            href=lambda row: reverse("agreements:object", args=[row["service_object__number"]]),
            sub=lambda row: row["service_object__description"],
            needs=["service_object__description"],
        ),
        Column("action", _("Action"), sort="action", kind="link", href=open_bom, needs=["bom", "bom__removed_at"]),
        Column("replaced_line__item__number", _("Part before"), sub=lambda row: row["replaced_line__item__name"],
               needs=["replaced_line__item__name"]),
        Column("quantity_before", _("Quantity before"), kind="quantity"),
        Column("quantity_left", _("Quantity after"), kind="quantity", value=left_after,
               needs=["action", "quantity", "quantity_left"]),
        Column("active_line__item__number", _("Part after"), sub=lambda row: row["active_line__item__name"],
               needs=["active_line__item__name"]),
        Column("quantity", _("Quantity"), kind="quantity"),
        Column("label", _("Service order"), sort="label"),
        Column("is_requirement", _("Item requirement"), only_export=True),
        Column("made_by__name", _("Who"), sort="made_by__name"),
        Column("text", _("Text"), only_export=True),
    ],
    default_sort="-made_on",
    filterset=ChangeFilter,
    search=["service_object__number", "service_object__description", "label", "replaced_line__item__number",
            "active_line__item__number"],
    empty_title=_("Nothing was changed yet"),
    empty_text=_("Changes are made on the page of an object’s service BOM."),
    empty_icon="history",
)  # fmt: skip


class PartFilter(FilterSet):
    item = ModelChoiceFilter(label=_("Item"), queryset=Item.objects.all())
    service_object = ModelChoiceFilter(
        label=_("Service object"), field_name="bom__service_object", queryset=ServiceObject.objects.all()
    )

    class Meta:
        model = ServiceBomLine
        fields: list[str] = []


PARTS = ListSpec(
    name="service-bom-lines",
    title=_("Service BOM lines"),
    help=_("Which parts are in which objects now: where a recalled part was built in, for example."),
    columns=[
        Column("item__number", _("Item"), sort="item__number", kind="link",
               sub=lambda row: row["item__name"], needs=["item__name"]),
        Column("quantity", _("Quantity"), sort="quantity", kind="quantity", sub=lambda row: row["unit__code"],
               needs=["unit__code"]),
        Column("lot_number", _("Batch or serial number"), sort="lot_number"),
        Column("bom__service_object__number", _("Service object"), sort="bom__service_object__number", kind="link",
               href=lambda row: reverse("agreements:object", args=[row["bom__service_object__number"]]),
               sub=lambda row: row["bom__service_object__description"], needs=["bom__service_object__description"]),
        Column("bom__service_object__site__name", _("Site"), sort="bom__service_object__site__name"),
        Column("bom__agreementobject__agreement__number", _("Agreement"),
               sort="bom__agreementobject__agreement__number"),
        Column("bom__template__number", _("Template BOM"), sort="bom__template__number"),
        Column("is_original", _("From the template"), kind="bool"),
    ],
    default_sort="item__number",
    filterset=PartFilter,
    search=["item__number", "item__name", "lot_number", "bom__service_object__number"],
    row_url=lambda row: reverse("agreements:service_bom", args=[row["bom"]]),
    needs=["bom"],
    empty_title=_("No service BOMs yet"),
    empty_text=_("Attach a template BOM to a related object of an agreement."),
    empty_icon="boxes",
)  # fmt: skip

searchable(
    TemplateBom,
    permission=("agreements.view_templatebom", "agreements.view_serviceobject"),
    text=lambda row: f"{row.number} {row.name}",
    sub=lambda row: str(row.item),
    rows=lambda user: TemplateBom.objects.select_related("item"),
)

register_subject(
    "templatebom", permission="agreements.view_templatebom", view="agreements:template_bom", key="number"
)
register_subject("servicebom", permission="agreements.view_servicebom", view="agreements:service_bom")

name_actions(
    {
        "bom_attached": _("Service BOM attached"),
        "bom_removed": _("Service BOM deleted"),
        "bom_deleted": _("Part taken out"),
        "bom_moved": _("Service BOM moved"),
        "bom_inserted": _("Part added"),
        "bom_replaced": _("Part replaced"),
        "bom_qty_changed": _("Quantity of a part changed"),
        "bom_qty_replaced": _("Some of a part replaced"),
    }
)
