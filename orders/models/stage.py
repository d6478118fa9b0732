from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from servicemgmt.core.constraints import one_of
from servicemgmt.core.models import Master


class Phase(models.TextChoices):
    """What a stage means: the only thing about it that code may ask."""

    NEW = "NEW", _("New")
    PLANNED = "PLANNED", _("Planned")
    WORKING = "WORKING", _("Working")
    PAUSED = "PAUSED", _("Paused")
    DONE = "DONE", _("Done")
    CANCELLED = "CANCELLED", _("Cancelled")


class ServiceStage(Master):
    """A node in the tree of order stages; its flags say what it allows (SG-01 … SG-08)."""

    parent = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="children",
        verbose_name=_("follows"),
        help_text=_("Cannot be changed later. Empty for the one initial stage."),
    )
    phase = models.CharField(_("phase"), max_length=10, choices=Phase)
    can_delete = models.BooleanField(_("orders may be deleted"), default=False)
    can_modify = models.BooleanField(_("orders may be changed"), default=False)
    can_cancel = models.BooleanField(_("orders may be cancelled"), default=False)
    can_sign_off = models.BooleanField(_("orders may be signed off"), default=False)
    can_transfer = models.BooleanField(_("orders may be posted"), default=False)
    close_time_log = models.BooleanField(_("stops the SLA clock"), default=False)
    give_reason = models.BooleanField(_("asks for a reason"), default=False)

    class Meta(Master.Meta):
        verbose_name = _("service stage")
        verbose_name_plural = _("service stages")
        constraints = [
            one_of("servicestage_phase_known", "phase", Phase),
            models.UniqueConstraint(
                models.Value(1), name="servicestage_only_one_initial", condition=Q(parent__isnull=True)
            ),
            models.CheckConstraint(
                name="servicestage_not_its_own_parent", condition=~Q(parent=models.F("pk"))
            ),
        ]


class StageReasonCode(Master):
    """Why an order changed stage, its clock stopped or its SLA was cancelled."""

    class Meta(Master.Meta):
        verbose_name = _("reason code")
        verbose_name_plural = _("reason codes")


class ReasonKind(models.TextChoices):
    STAGE_CHANGE = "STAGE", _("Stage change")
    CLOSE = "CLOSE", _("Recording stopped")
    CANCEL = "CANCEL", _("SLA cancelled")
    MANUAL = "MANUAL", _("By hand")


class OrderReason(models.Model):
    """A reason given on an order, with the stage it was in."""

    order = models.ForeignKey("orders.ServiceOrder", models.CASCADE, related_name="reasons")
    stage = models.ForeignKey(ServiceStage, models.PROTECT, related_name="+", verbose_name=_("stage"))
    reason = models.ForeignKey(StageReasonCode, models.PROTECT, related_name="+", verbose_name=_("reason"))
    text = models.CharField(_("text"), max_length=250, blank=True)
    kind = models.CharField(_("kind"), max_length=10, choices=ReasonKind)
    given_at = models.DateTimeField(_("given"), db_default=Now())
    given_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")

    class Meta:
        ordering = ["given_at", "pk"]
        verbose_name = _("reason")
        verbose_name_plural = _("reasons")
        constraints = [one_of("orderreason_kind_known", "kind", ReasonKind)]

    def __str__(self) -> str:
        return str(self.reason)
