"""How objects and tasks are attached to an agreement and to an order: the same in both (AG-11, AG-12)."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from servicemgmt.core.models import Versioned


class RelatedObject(Versioned):
    """The attachment of a service object; the same object may be attached once per reference."""

    service_object: models.Model
    reference = models.CharField(_("reference"), max_length=80, blank=True)
    service_bom = models.OneToOneField(
        "agreements.ServiceBom",
        models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        verbose_name=_("service BOM"),
    )

    class Meta:
        abstract = True
        ordering = ["pk"]
        verbose_name = _("related object")
        verbose_name_plural = _("related objects")

    def __str__(self) -> str:
        return f"{self.service_object} {self.reference}".strip()


class RelatedTask(Versioned):
    """The attachment of a task, with a note for the technician and one for the customer."""

    service_task = models.ForeignKey(
        "agreements.ServiceTask", models.PROTECT, related_name="+", verbose_name=_("service task")
    )
    note_internal = models.TextField(_("note for the technician"), blank=True)
    note_external = models.TextField(_("note for the customer"), blank=True)

    class Meta:
        abstract = True
        ordering = ["pk"]
        verbose_name = _("related task")
        verbose_name_plural = _("related tasks")

    def __str__(self) -> str:
        return str(self.service_task)
