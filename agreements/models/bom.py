"""Template BOMs: the parts that things of one type consist of, and what every line of a BOM holds."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from servicemgmt.core.constraints import not_before, one_of
from servicemgmt.core.models import Versioned


class BomSource(models.TextChoices):
    """TB-01: what the lines of a template were copied from."""

    MANUAL = "MANUAL", _("Nothing: lines are entered by hand")
    TEMPLATE = "TEMPLATE", _("Another template BOM")
    ITEM = "ITEM", _("Parts list of an item")
    SERVICE = "SERVICE", _("Service BOM")


class BomLine(models.Model):
    """A part and how many of it; the parts of a part hang below it."""

    parent = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="children", verbose_name=_("part of")
    )
    position = models.PositiveIntegerField(_("position"), default=0)
    item = models.ForeignKey("masterdata.Item", models.PROTECT, related_name="+", verbose_name=_("item"))
    quantity = models.DecimalField(_("quantity"), max_digits=19, decimal_places=6)
    unit = models.ForeignKey(
        "masterdata.Unit", models.PROTECT, blank=True, related_name="+", verbose_name=_("unit")
    )
    lot_number = models.CharField(_("batch or serial number"), max_length=60, blank=True)

    class Meta:
        abstract = True
        ordering = ["position", "pk"]
        verbose_name = _("BOM line")
        verbose_name_plural = _("BOM lines")

    def __str__(self) -> str:
        return str(self.item)


class TemplateBomQuerySet(models.QuerySet):
    def locked(self) -> "TemplateBomQuerySet":
        """TB-04: those that a service BOM was made from which is still there."""
        return self.filter(service_boms__removed_at=None, service_boms__isnull=False).distinct()

    def search(self, text: str) -> "TemplateBomQuerySet":
        return self.filter(
            Q(number__icontains=text)
            | Q(name__icontains=text)
            | Q(item__number__icontains=text)
            | Q(item__name__icontains=text)
        )


class TemplateBom(Versioned):
    """TB-01: the standard parts of a type of object. Frozen while a service BOM stands on it (trigger, TB-04)."""

    number = models.CharField(_("number"), max_length=20, unique=True, editable=False)
    name = models.CharField(_("name"), max_length=160)
    item = models.ForeignKey(
        "masterdata.Item",
        models.PROTECT,
        related_name="+",
        verbose_name=_("item"),
        help_text=_("What consists of these parts: an item of the kind bill of materials."),
    )
    from_date = models.DateField(_("valid from"), null=True, blank=True)
    to_date = models.DateField(_("valid to"), null=True, blank=True)
    source = models.CharField(_("made from"), max_length=10, choices=BomSource, default=BomSource.MANUAL)
    source_label = models.CharField(_("source"), max_length=60, blank=True)
    bom_date = models.DateField(_("as of"))

    objects = TemplateBomQuerySet.as_manager()

    class Meta:
        ordering = ["number"]
        verbose_name = _("template BOM")
        verbose_name_plural = _("template BOMs")
        constraints = [
            one_of("templatebom_source_known", "source", BomSource),
            not_before("templatebom_ends_after_start", "from_date", "to_date"),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.name}"


class TemplateBomLine(Versioned, BomLine):
    """A line of a template; deleted by giving it no quantity (scenario 77)."""

    template = models.ForeignKey(TemplateBom, models.CASCADE, related_name="lines")

    class Meta(BomLine.Meta):
        constraints = [
            models.CheckConstraint(name="templatebomline_has_quantity", condition=Q(quantity__gt=0)),
            models.CheckConstraint(name="templatebomline_not_its_own_parent", condition=~Q(parent=F("pk"))),
        ]


class BomOptions(Versioned):
    """TB-05: how the lines of every template and service BOM are shown. One row; its defaults where there is none."""

    only = models.BooleanField(default=True, unique=True, editable=False)
    show_number = models.BooleanField(_("show the item number"), default=True)
    show_kind = models.BooleanField(_("show the kind of item"), default=False)
    show_unit = models.BooleanField(_("show the unit"), default=True)
    show_lot = models.BooleanField(_("show the batch or serial number"), default=True)
    edit_when_adding = models.BooleanField(
        _("edit when adding"),
        default=False,
        help_text=_("An item that is dragged in opens its form instead of being added at once."),
    )
    emphasise_changes = models.BooleanField(
        _("emphasise changed lines"),
        default=True,
        help_text=_("Lines that differ from the template stand out."),
    )

    class Meta:
        verbose_name = _("options of BOMs")
        verbose_name_plural = _("options of BOMs")

    def __str__(self) -> str:
        return str(self._meta.verbose_name)
