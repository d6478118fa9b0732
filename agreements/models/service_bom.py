"""Service BOMs: the parts that one serviced object really consists of, and everything that was changed in it."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from servicemgmt.core.constraints import one_of
from servicemgmt.core.models import Versioned

from .bom import BomLine, TemplateBom


class ServiceBom(Versioned):
    """TB-03: the private copy of a template that belongs to one related object, which points here.

    A deleted one keeps its rows for its history; nothing points to it any more and its template is free again (TB-08).
    """

    template = models.ForeignKey(
        TemplateBom, models.PROTECT, related_name="service_boms", verbose_name=_("template BOM")
    )
    service_object = models.ForeignKey(
        "agreements.ServiceObject", models.PROTECT, related_name="boms", verbose_name=_("service object")
    )
    attached_on = models.DateField(_("attached"))
    removed_at = models.DateTimeField(_("deleted"), null=True, editable=False)

    class Meta:
        ordering = ["-pk"]
        verbose_name = _("service BOM")
        verbose_name_plural = _("service BOMs")

    def __str__(self) -> str:
        return f"{self.template.name} · {self.service_object.number}"


class ServiceBomLine(BomLine):
    """A part of a service BOM. Only its quantity ever changes, and only with a change in the history (triggers)."""

    bom = models.ForeignKey(ServiceBom, models.PROTECT, related_name="lines")
    is_original = models.BooleanField(_("from the template"), default=False)
    first_quantity = models.DecimalField(max_digits=19, decimal_places=6, editable=False)

    class Meta(BomLine.Meta):
        constraints = [
            models.CheckConstraint(
                name="servicebomline_quantity_not_negative",
                condition=Q(quantity__gte=0, first_quantity__gt=0),
            ),
            models.CheckConstraint(name="servicebomline_not_its_own_parent", condition=~Q(parent=F("pk"))),
        ]
        indexes = [models.Index(fields=["bom"], name="servicebomline_present", condition=Q(quantity__gt=0))]

    @property
    def is_changed(self) -> bool:
        """TB-05: whether it differs from what the template brought."""
        return not self.is_original or self.quantity != self.first_quantity


class BomAction(models.TextChoices):
    """B.2, ServiceBOMChange: what was done to a line."""

    INSERTED = "INSERTED", _("BOM line added")
    DELETED = "DELETED", _("BOM line deleted")
    REPLACED = "REPLACED", _("BOM line replaced")
    QTY_CHANGED = "QTY_CHANGED", _("BOM line qty. changed")
    QTY_REPLACED = "QTY_REPLACED", _("BOM line qty. replaced")


class BomChange(models.Model):
    """One change of a service BOM. Append-only (trigger); played in order they give the present lines.

    `replaced_line` had `quantity_before` and has `quantity_left`; `quantity` is what was put in, taken out, or the new
    quantity of a line that only changed. `active_line` is the line after the change.
    """

    number = models.CharField(_("number"), max_length=20, unique=True, editable=False)
    bom = models.ForeignKey(ServiceBom, models.PROTECT, related_name="changes")
    service_object = models.ForeignKey("agreements.ServiceObject", models.PROTECT, related_name="bom_changes")
    action = models.CharField(_("action"), max_length=12, choices=BomAction)
    active_line = models.ForeignKey(ServiceBomLine, models.PROTECT, null=True, related_name="changes_to")
    replaced_line = models.ForeignKey(ServiceBomLine, models.PROTECT, null=True, related_name="changes_of")
    quantity = models.DecimalField(_("quantity"), max_digits=19, decimal_places=6)
    quantity_before = models.DecimalField(_("quantity before"), max_digits=19, decimal_places=6, default=0)
    quantity_left = models.DecimalField(_("quantity after"), max_digits=19, decimal_places=6, default=0)
    is_requirement = models.BooleanField(_("item requirement"), default=False)
    made_on = models.DateField(_("date"))
    text = models.CharField(_("text"), max_length=160, blank=True)
    subject = models.CharField(_("subject"), max_length=60, blank=True)
    label = models.CharField(_("document"), max_length=60, blank=True)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    made_at = models.DateTimeField(db_default=Now())

    class Meta:
        ordering = ["-pk"]
        verbose_name = _("BOM change")
        verbose_name_plural = _("BOM changes")
        constraints = [
            one_of("bomchange_action_known", "action", BomAction),
            models.CheckConstraint(
                name="bomchange_names_its_lines",
                condition=Q(action="INSERTED", active_line__isnull=False, replaced_line=None)
                | Q(action="DELETED", active_line=None, replaced_line__isnull=False, quantity_left=0)
                | Q(action="QTY_CHANGED", active_line=F("replaced_line"), quantity_left=F("quantity"))
                | (
                    Q(action="REPLACED", active_line__isnull=False, replaced_line__isnull=False)
                    & Q(quantity_left=0, quantity=F("quantity_before"))
                    & ~Q(active_line=F("replaced_line"))
                )
                | (
                    Q(action="QTY_REPLACED", active_line__isnull=False, replaced_line__isnull=False)
                    & Q(quantity_left=F("quantity_before") - F("quantity"), quantity_left__gt=0)
                    & ~Q(active_line=F("replaced_line"))
                ),
            ),
            models.CheckConstraint(
                name="bomchange_quantities_sound",
                condition=Q(quantity__gt=0, quantity_before__gte=0, quantity_left__gte=0),
            ),
        ]

    def __str__(self) -> str:
        return str(self.get_action_display())
