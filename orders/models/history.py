from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from servicemgmt.core.constraints import one_of
from servicemgmt.core.models import Master


class Delimiter(models.TextChoices):
    """What stands between the cells of a line."""

    COMMA = ",", _("comma")
    SEMICOLON = ";", _("semicolon")
    TAB = "\t", _("tab")
    BAR = "|", _("vertical bar")


class HistoryMapping(Master):
    """How a file of maintenance history is read: which column is what, and what every row gets besides."""

    date_column = models.CharField(_("date column"), max_length=60)
    date_format = models.CharField(_("date format"), max_length=20, default="%Y-%m-%d")
    asset_column = models.CharField(_("asset column"), max_length=60)
    text_column = models.CharField(_("text column"), max_length=60)
    type_column = models.CharField(_("order type column"), max_length=60)
    cost_column = models.CharField(_("cost column"), max_length=60)
    delimiter = models.CharField(_("delimiter"), max_length=1, choices=Delimiter, default=Delimiter.COMMA)
    currency = models.ForeignKey(
        "masterdata.Currency", models.PROTECT, verbose_name=_("currency of the cost")
    )
    customer = models.ForeignKey("masterdata.Customer", models.PROTECT, verbose_name=_("customer"))
    site = models.ForeignKey("masterdata.Site", models.PROTECT, verbose_name=_("site"))
    project = models.ForeignKey("projects.Project", models.PROTECT, verbose_name=_("project"))
    category = models.ForeignKey(
        "projects.Category",
        models.PROTECT,
        verbose_name=_("category"),
        help_text=_("Of the expense line that carries the cost."),
    )
    line_property = models.ForeignKey(
        "projects.LineProperty",
        models.PROTECT,
        verbose_name=_("line property"),
        help_text=_("One that charges nothing to the customer."),
    )
    object_group = models.ForeignKey(
        "agreements.ServiceObjectGroup", models.PROTECT, verbose_name=_("group of new service objects")
    )

    class Meta(Master.Meta):
        verbose_name = _("history mapping")
        verbose_name_plural = _("history mappings")
        constraints = [one_of("historymapping_delimiter_is_known", "delimiter", Delimiter)]


class HistoryImport(models.Model):
    """One file of history: as it came, how it is read, what it holds, and the run that works it."""

    run = models.OneToOneField("core.Run", models.PROTECT, null=True, related_name="history_import")
    mapping = models.ForeignKey(
        HistoryMapping, models.PROTECT, related_name="imports", verbose_name=_("mapping")
    )
    attachment = models.ForeignKey(
        "core.Attachment", models.PROTECT, related_name="+", verbose_name=_("file")
    )
    source = models.CharField(_("source"), max_length=60)
    is_dry_run = models.BooleanField(_("dry run"), default=False)
    currency = models.ForeignKey("masterdata.Currency", models.PROTECT, related_name="+")
    customer = models.ForeignKey("masterdata.Customer", models.PROTECT, related_name="+")
    site = models.ForeignKey("masterdata.Site", models.PROTECT, related_name="+")
    project = models.ForeignKey("projects.Project", models.PROTECT, related_name="+")
    total = models.DecimalField(_("total cost"), max_digits=19, decimal_places=4, default=0)

    class Meta:
        ordering = ["-pk"]
        verbose_name = _("history import")
        verbose_name_plural = _("history imports")

    def __str__(self) -> str:
        return self.source


class HistoryRow(models.Model):
    """A row of a file on its way in; either good or with the column and reason it is refused for."""

    history_import = models.ForeignKey(HistoryImport, models.CASCADE, related_name="rows")
    line = models.PositiveIntegerField()
    identity = models.CharField(max_length=64, blank=True)
    asset = models.CharField(max_length=60, blank=True)
    done_on = models.DateField(null=True)
    text = models.CharField(max_length=250, blank=True)
    type = models.CharField(max_length=60, blank=True)
    cost = models.DecimalField(max_digits=19, decimal_places=4, null=True)
    column = models.CharField(max_length=60, blank=True)
    problem = models.CharField(max_length=250, blank=True)
    order_id = models.BigIntegerField(null=True)
    transaction_id = models.BigIntegerField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["history_import", "line"], name="historyrow_line_once"),
            models.CheckConstraint(
                name="historyrow_good_or_refused",
                condition=Q(problem="", done_on__isnull=False, cost__isnull=False) | ~Q(problem=""),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.line} {self.text}"
