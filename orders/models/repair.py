from django.db import models
from django.utils.translation import gettext_lazy as _

from servicemgmt.core.models import Master, Versioned


class Condition(Master):
    """Under what circumstances the fault shows."""

    class Meta(Master.Meta):
        verbose_name = _("condition")
        verbose_name_plural = _("conditions")


class SymptomArea(Master):
    """Where the fault shows."""

    class Meta(Master.Meta):
        verbose_name = _("symptom area")
        verbose_name_plural = _("symptom areas")


class AreaCode(Master):
    """A code inside an area; the same code may stand in another area too."""

    code = models.CharField(_("code"), max_length=20)

    class Meta(Master.Meta):
        abstract = True


class SymptomCode(AreaCode):
    """What shows."""

    area = models.ForeignKey(SymptomArea, models.PROTECT, related_name="codes", verbose_name=_("area"))

    class Meta(AreaCode.Meta):
        abstract = False
        ordering = ["area", "code"]
        verbose_name = _("symptom code")
        verbose_name_plural = _("symptom codes")
        constraints = [models.UniqueConstraint(fields=["area", "code"], name="symptomcode_once_per_area")]


class DiagnosisArea(Master):
    """Where the cause lies."""

    class Meta(Master.Meta):
        verbose_name = _("diagnosis area")
        verbose_name_plural = _("diagnosis areas")


class DiagnosisCode(AreaCode):
    """What the cause is."""

    area = models.ForeignKey(DiagnosisArea, models.PROTECT, related_name="codes", verbose_name=_("area"))

    class Meta(AreaCode.Meta):
        abstract = False
        ordering = ["area", "code"]
        verbose_name = _("diagnosis code")
        verbose_name_plural = _("diagnosis codes")
        constraints = [models.UniqueConstraint(fields=["area", "code"], name="diagnosiscode_once_per_area")]


class Resolution(Master):
    """What was done about it."""

    class Meta(Master.Meta):
        verbose_name = _("resolution")
        verbose_name_plural = _("resolutions")


class RepairStage(Master):
    """Progress of a repair line; a finishing one stamps its end (RP-04)."""

    finished = models.BooleanField(_("finishes the repair"), default=False)

    class Meta(Master.Meta):
        verbose_name = _("repair stage")
        verbose_name_plural = _("repair stages")


class RepairLine(Versioned):
    """Symptom → diagnosis → resolution of one object on one order (RP-02)."""

    order = models.ForeignKey("orders.ServiceOrder", models.CASCADE, related_name="repair_lines")
    object_relation = models.ForeignKey(
        "orders.OrderObject", models.PROTECT, related_name="repair_lines", verbose_name=_("service object")
    )
    name = models.CharField(_("short description"), max_length=160)
    note = models.TextField(_("note"), blank=True)
    condition = models.ForeignKey(
        Condition, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("condition")
    )
    symptom = models.ForeignKey(
        SymptomCode, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("symptom")
    )
    diagnosis = models.ForeignKey(
        DiagnosisCode, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("diagnosis")
    )
    resolution = models.ForeignKey(
        Resolution, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("resolution")
    )
    worker = models.ForeignKey(
        "masterdata.Employee",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("technician"),
    )
    stage = models.ForeignKey(
        RepairStage, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("repair stage")
    )
    finished_at = models.DateTimeField(_("finished"), null=True, editable=False)
    client_write = models.OneToOneField(
        "core.ClientWrite", models.PROTECT, null=True, related_name="+", editable=False
    )

    class Meta:
        ordering = ["pk"]
        verbose_name = _("repair line")
        verbose_name_plural = _("repair lines")

    def __str__(self) -> str:
        return self.name
