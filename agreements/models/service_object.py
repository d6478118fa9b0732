from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeOperators
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from servicemgmt.core.models import Master, MasterQuerySet, User, Versioned


class ServiceObjectGroup(Master):
    """Classification of service objects, which may bring an SLA of its own."""

    sla = models.ForeignKey(
        "agreements.ServiceLevelAgreement", models.PROTECT, null=True, blank=True, verbose_name=_("SLA")
    )

    class Meta(Master.Meta):
        verbose_name = _("service object group")
        verbose_name_plural = _("service object groups")


class ServiceObjectQuerySet(MasterQuerySet):
    def visible_to(self, user: User) -> "ServiceObjectQuerySet":
        """Whoever may view objects sees all; a technician those of his own orders, today ± 14 days (C.12)."""
        if user.has_perm("agreements.view_serviceobject"):
            return self
        if not user.has_perm("dispatch.work_own_day"):
            return self.none()
        today, span = timezone.localdate(), timedelta(days=14)
        return self.filter(
            order_relations__order__assignments__worker__user=user,
            order_relations__order__service_on__range=(today - span, today + span),
        ).distinct()

    def search(self, text: str) -> "ServiceObjectQuerySet":
        return self.filter(
            Q(number__icontains=text)
            | Q(description__icontains=text)
            | Q(serial_number__icontains=text)
            | Q(customer__name__icontains=text)
            | Q(pk__in=SerialSwap.objects.filter(old_number=text).values("object"))
        )


def borne(label: Any) -> models.DecimalField:
    """How much of a price a warranty bears, in percent; all of it unless said otherwise."""
    return models.DecimalField(
        label,
        max_digits=5,
        decimal_places=2,
        default=100,
        db_default=Decimal(100),
        validators=[MinValueValidator(Decimal("0.01")), MaxValueValidator(100)],
    )


def some_of_it(field: str) -> Q:
    return Q(**{f"{field}__gt": 0, f"{field}__lte": 100})


class ServiceObject(Versioned):
    """What is serviced: a machine, an installation, a building; perhaps one serialised item."""

    number = models.CharField(_("number"), max_length=20, unique=True, editable=False)
    description = models.CharField(_("description"), max_length=160)
    group = models.ForeignKey(ServiceObjectGroup, models.PROTECT, verbose_name=_("group"))
    customer = models.ForeignKey(
        "masterdata.Customer",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("customer"),
    )
    site = models.ForeignKey("masterdata.Site", models.PROTECT, related_name="+", verbose_name=_("site"))
    item = models.ForeignKey(
        "masterdata.Item", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("item")
    )
    serial_number = models.CharField(_("serial number"), max_length=60, blank=True)
    is_loaner = models.BooleanField(_("may be lent"), default=False, db_default=False)
    parent = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="children", verbose_name=_("part of")
    )
    warranty_parts_until = models.DateField(_("warranty on parts until"), null=True, blank=True)
    warranty_parts_percent = borne(_("of parts the warranty bears %"))
    warranty_labour_until = models.DateField(_("warranty on labour until"), null=True, blank=True)
    warranty_labour_percent = borne(_("of labour the warranty bears %"))
    template_bom = models.ForeignKey(
        "agreements.TemplateBom",
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("usual template BOM"),
    )
    notes = models.TextField(_("notes"), blank=True)
    ended_on = models.DateField(_("out of service from"), null=True, blank=True)

    objects = ServiceObjectQuerySet.as_manager()

    class Meta:
        ordering = ["number"]
        verbose_name = _("service object")
        verbose_name_plural = _("service objects")
        constraints = [
            models.CheckConstraint(name="serviceobject_not_its_own_parent", condition=~Q(parent=F("pk"))),
            models.CheckConstraint(
                name="serviceobject_loaner_of_nobody",
                condition=Q(is_loaner=False) | Q(customer__isnull=True),
            ),
            models.CheckConstraint(
                name="serviceobject_warranty_bears_some_of_it",
                condition=some_of_it("warranty_parts_percent") & some_of_it("warranty_labour_percent"),
            ),
        ]
        indexes = [models.Index(fields=["description", "id"], name="serviceobject_by_description")]

    def __str__(self) -> str:
        return f"{self.number} {self.description}"


class ServiceObjectPlacement(models.Model):
    """Where an object was and is; the open-ended row is the present site."""

    object = models.ForeignKey(ServiceObject, models.CASCADE, related_name="placements")
    site = models.ForeignKey("masterdata.Site", models.PROTECT, related_name="+", verbose_name=_("site"))
    during = DateRangeField(_("during"))

    class Meta:
        ordering = ["-during"]
        verbose_name = _("placement")
        verbose_name_plural = _("placements")
        constraints = [
            ExclusionConstraint(
                name="placement_one_site_at_a_time",
                expressions=[("object", RangeOperators.EQUAL), ("during", RangeOperators.OVERLAPS)],
            )
        ]

    def __str__(self) -> str:
        return f"{self.object_id} {self.during}"


class SerialSwap(models.Model):
    """A serial number that was taken out of an object and the one that came in its place. Append-only (trigger)."""

    object = models.ForeignKey(ServiceObject, models.PROTECT, related_name="swaps")
    old_number = models.CharField(_("taken out"), max_length=60, blank=True)
    new_number = models.CharField(_("put in"), max_length=60)
    swapped_on = models.DateField(_("date"))
    text = models.CharField(_("text"), max_length=160, blank=True)
    subject = models.CharField(_("subject"), max_length=60, blank=True)
    label = models.CharField(_("document"), max_length=60, blank=True)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    made_at = models.DateTimeField(db_default=Now())

    class Meta:
        ordering = ["-pk"]
        verbose_name = _("swapped serial number")
        verbose_name_plural = _("swapped serial numbers")
        constraints = [
            models.CheckConstraint(
                name="serialswap_puts_another_number_in",
                condition=~Q(new_number="") & ~Q(new_number=F("old_number")),
            )
        ]
        indexes = [models.Index(fields=["old_number"], name="serialswap_by_old_number")]

    def __str__(self) -> str:
        return f"{self.old_number} → {self.new_number}"
