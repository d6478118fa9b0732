from django.db import models
from django.utils.translation import gettext_lazy as _

from servicemgmt.core.models import Master


class HistoryMapping(Master):
    """How a file of maintenance history is read: which column is what, and what every row gets besides."""

    date_column = models.CharField(_("date column"), max_length=60)
    date_format = models.CharField(_("date format"), max_length=20, default="%Y-%m-%d")
    asset_column = models.CharField(_("asset column"), max_length=60)
    text_column = models.CharField(_("text column"), max_length=60)
    type_column = models.CharField(_("order type column"), max_length=60, blank=True)
    cost_column = models.CharField(_("cost column"), max_length=60)
    delimiter = models.CharField(_("delimiter"), max_length=1, default=",")
    type_pattern = models.CharField(_("pattern of a valid order type"), max_length=60, blank=True)
    currency = models.ForeignKey("masterdata.Currency", models.PROTECT, null=True, blank=True, verbose_name=_("currency"))
    customer = models.ForeignKey("masterdata.Customer", models.PROTECT, null=True, blank=True, verbose_name=_("customer"))
    site = models.ForeignKey("masterdata.Site", models.PROTECT, null=True, blank=True, verbose_name=_("site"))
    project = models.ForeignKey("projects.Project", models.PROTECT, null=True, blank=True, verbose_name=_("project"))
    category = models.ForeignKey(
        "projects.Category", models.PROTECT, null=True, blank=True, verbose_name=_("category"),
        help_text=_("Of the expense line that carries the cost."),
    )
    object_group = models.ForeignKey(
        "agreements.ServiceObjectGroup", models.PROTECT, null=True, blank=True, verbose_name=_("group of new objects")
    )

    class Meta(Master.Meta):
        verbose_name = _("history mapping")
        verbose_name_plural = _("history mappings")


class HistoryImport(models.Model):
    """One upload: the file as it came, how it is read, and the run that works it."""

    run = models.OneToOneField("core.Run", models.PROTECT, null=True, related_name="history_import")
    mapping = models.ForeignKey(HistoryMapping, models.PROTECT, related_name="imports")
    attachment = models.ForeignKey("core.Attachment", models.PROTECT, related_name="+")
    source = models.CharField(_("source"), max_length=60)
    is_dry_run = models.BooleanField(_("dry run"), default=False)

    class Meta:
        ordering = ["-pk"]
        verbose_name = _("history import")
        verbose_name_plural = _("history imports")

    def __str__(self) -> str:
        return self.source
