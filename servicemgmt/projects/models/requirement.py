from decimal import Decimal

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from servicemgmt.core.constraints import one_of
from servicemgmt.core.models import Versioned


class RequirementStatus(models.TextChoices):
    RESERVED = "RESERVED", _("Reserved")
    PICKED = "PICKED", _("Picked")
    CONSUMED = "CONSUMED", _("Consumed")
    RETURNED = "RETURNED", _("Returned")


class RequirementQuerySet(models.QuerySet["ItemRequirement"]):
    def search(self, text: str) -> "RequirementQuerySet":
        return self.filter(
            Q(item__number__icontains=text)
            | Q(item__name__icontains=text)
            | Q(project__number__iexact=text)
            | Q(label__iexact=text)
        )

    def open(self) -> "RequirementQuerySet":
        """Those of which something is reserved or picked still."""
        return self.filter(status__in=[RequirementStatus.RESERVED, RequirementStatus.PICKED])

    def of(self, subject: str) -> "RequirementQuerySet":
        """Those of one document, such as `serviceorder:7`."""
        return self.filter(subject=subject)


class ItemRequirement(Versioned):
    """SO-17: goods kept for a project, and for the document (`subject`) that needs them, until they are used there.

    Quantities are totals: of `quantity`, so much was `picked`; of that, so much `consumed` or `returned`. Picked goods
    that are neither lie in `place`. The status follows from them (`operations.requirements` is its one door).
    """

    project = models.ForeignKey(
        "projects.Project", models.PROTECT, related_name="requirements", verbose_name=_("project")
    )
    subject = models.CharField(_("subject"), max_length=60, blank=True)
    label = models.CharField(_("document"), max_length=60, blank=True)
    item = models.ForeignKey("masterdata.Item", models.PROTECT, related_name="+", verbose_name=_("item"))
    category = models.ForeignKey(
        "projects.Category", models.PROTECT, related_name="+", verbose_name=_("category")
    )
    line_property = models.ForeignKey(
        "projects.LineProperty", models.PROTECT, related_name="+", verbose_name=_("line property")
    )
    price_list = models.ForeignKey(
        "projects.PriceList", models.PROTECT, null=True, related_name="+", verbose_name=_("price list")
    )
    warehouse = models.ForeignKey(
        "inventory.Warehouse", models.PROTECT, related_name="+", verbose_name=_("warehouse")
    )
    place = models.ForeignKey(
        "inventory.Warehouse", models.PROTECT, null=True, related_name="+", verbose_name=_("picked into")
    )
    needed_on = models.DateField(_("needed on"))
    text = models.CharField(_("text"), max_length=160, blank=True)
    quantity = models.DecimalField(_("quantity"), max_digits=19, decimal_places=6)
    picked = models.DecimalField(_("picked"), max_digits=19, decimal_places=6, default=0)
    consumed = models.DecimalField(_("consumed"), max_digits=19, decimal_places=6, default=0)
    returned = models.DecimalField(_("returned"), max_digits=19, decimal_places=6, default=0)
    sales_price = models.DecimalField(
        _("sales price"),
        max_digits=19,
        decimal_places=6,
        null=True,
        help_text=_("Empty: found when the goods are used."),
    )
    status = models.CharField(
        _("status"), max_length=10, choices=RequirementStatus, default=RequirementStatus.RESERVED
    )
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")

    objects = RequirementQuerySet.as_manager()

    class Meta:
        ordering = ["needed_on", "pk"]
        verbose_name = _("item requirement")
        verbose_name_plural = _("item requirements")
        permissions = [("consume_itemrequirement", "Can consume item requirements")]
        constraints = [
            one_of("requirement_status_known", "status", RequirementStatus),
            models.CheckConstraint(name="requirement_of_something", condition=Q(quantity__gt=0)),
            models.CheckConstraint(
                name="requirement_no_more_picked_than_reserved",
                condition=Q(picked__gte=0, picked__lte=F("quantity")),
            ),
            models.CheckConstraint(
                name="requirement_no_more_used_than_picked",
                condition=Q(consumed__gte=0, returned__gte=0, picked__gte=F("consumed") + F("returned")),
            ),
            models.CheckConstraint(
                name="requirement_picked_goods_lie_somewhere", condition=Q(picked=0) | Q(place__isnull=False)
            ),
        ]
        indexes = [
            models.Index(fields=["subject"], name="requirement_by_subject", condition=~Q(subject="")),
            models.Index(fields=["item", "warehouse"], name="requirement_by_item"),
        ]

    def __str__(self) -> str:
        return f"{self.item} × {self.quantity.normalize():f}"

    @property
    def reserved(self) -> Decimal:
        """What is still to be picked."""
        return self.quantity - self.picked

    @property
    def in_hand(self) -> Decimal:
        """What is picked and neither consumed nor returned."""
        return self.picked - self.consumed - self.returned


class StepKind(models.TextChoices):
    PICK = "PICK", _("Picked")
    CONSUME = "CONSUME", _("Consumed")
    RETURN = "RETURN", _("Returned")
    UNDO = "UNDO", _("Taken back")


class RequirementStep(models.Model):
    """What was done for a requirement: picked, consumed (SO-18), returned, or a consumption taken back. Append-only."""

    requirement = models.ForeignKey(ItemRequirement, models.PROTECT, related_name="steps")
    kind = models.CharField(_("step"), max_length=10, choices=StepKind)
    quantity = models.DecimalField(_("quantity"), max_digits=19, decimal_places=6)
    lot = models.ForeignKey(
        "inventory.Lot",
        models.PROTECT,
        null=True,
        related_name="+",
        db_index=False,
        verbose_name=_("batch or serial number"),
    )
    done_on = models.DateField(_("date"))
    transaction = models.OneToOneField(
        "projects.Transaction", models.PROTECT, null=True, related_name="requirement_step"
    )
    undoes = models.OneToOneField("self", models.PROTECT, null=True, related_name="undone_by")
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    made_at = models.DateTimeField(db_default=Now())

    class Meta:
        ordering = ["pk"]
        verbose_name = _("step of a requirement")
        verbose_name_plural = _("steps of requirements")
        constraints = [
            one_of("requirementstep_kind_known", "kind", StepKind),
            models.CheckConstraint(name="requirementstep_of_something", condition=Q(quantity__gt=0)),
            models.CheckConstraint(
                name="requirementstep_use_has_a_transaction",
                condition=Q(kind__in=[StepKind.CONSUME, StepKind.UNDO], transaction__isnull=False)
                | (~Q(kind__in=[StepKind.CONSUME, StepKind.UNDO]) & Q(transaction__isnull=True)),
            ),
            models.CheckConstraint(
                name="requirementstep_undo_names_what",
                condition=Q(kind=StepKind.UNDO, undoes__isnull=False)
                | (~Q(kind=StepKind.UNDO) & Q(undoes__isnull=True)),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.quantity.normalize():f}"
