from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from servicemgmt.core.constraints import at_least, one_of
from servicemgmt.core.models import Master, MasterQuerySet, Versioned


class LineKind(models.TextChoices):
    """The four types of a line or transaction."""

    HOUR = "HOUR", _("Hour")
    EXPENSE = "EXPENSE", _("Expense")
    ITEM = "ITEM", _("Item")
    FEE = "FEE", _("Fee")


class ProjectKind(models.TextChoices):
    TIME_AND_MATERIAL = "TM", _("Time and material")
    FIXED_PRICE = "FIXED", _("Fixed price")
    INTERNAL = "INTERNAL", _("Internal")
    TIME = "TIME", _("Time")


class ProjectGroup(Master):
    """Classification of projects."""

    class Meta(Master.Meta):
        verbose_name = _("project group")
        verbose_name_plural = _("project groups")


class Coverage(models.TextChoices):
    """Who bears the line."""

    CHARGED = "CHARGED", _("Charged to the customer")
    COVERED = "COVERED", _("Covered by the agreement's fee")
    WARRANTY = "WARRANTY", _("Warranty")
    GOODWILL = "GOODWILL", _("Goodwill")
    INTERNAL = "INTERNAL", _("Internal")


#: Somebody gives these away: a line says why.
EXPLAINED = (Coverage.WARRANTY, Coverage.GOODWILL)


class LineProperty(Master):
    """Whether lines are charged, and who bears them otherwise (B.8). Only CHARGED lines reach an invoice proposal."""

    coverage = models.CharField(_("coverage"), max_length=10, choices=Coverage, default=Coverage.CHARGED)
    cost_markup = models.DecimalField(_("cost markup %"), max_digits=9, decimal_places=4, default=0)
    sales_markup = models.DecimalField(_("sales markup %"), max_digits=9, decimal_places=4, default=0)

    class Meta(Master.Meta):
        verbose_name = _("line property")
        verbose_name_plural = _("line properties")
        constraints = [one_of("lineproperty_coverage_known", "coverage", Coverage)]

    @property
    def is_chargeable(self) -> bool:
        return self.coverage == Coverage.CHARGED


class Category(Master):
    """Project category: classifies hours, expenses, items and fees; drives prices, posting accounts and tax."""

    kind = models.CharField(_("type"), max_length=10, choices=LineKind)
    tax_group = models.ForeignKey("masterdata.ItemTaxGroup", models.PROTECT, verbose_name=_("tax group"))
    is_active = models.BooleanField(_("active in journals"), default=True)
    for_subscriptions = models.BooleanField(_("for subscriptions"), default=False)

    class Meta(Master.Meta):
        verbose_name = _("category")
        verbose_name_plural = _("categories")
        constraints = [
            one_of("category_kind_known", "kind", LineKind),
            models.CheckConstraint(
                name="category_for_subscriptions_is_a_fee",
                condition=Q(for_subscriptions=False) | Q(kind=LineKind.FEE),
            ),
        ]


class ProjectQuerySet(MasterQuerySet):
    def search(self, text: str) -> "ProjectQuerySet":
        return self.filter(
            Q(number__icontains=text) | Q(name__icontains=text) | Q(customer__name__icontains=text)
        )


class Project(Versioned):
    """What work is booked and invoiced through: one customer, one currency, one way of billing."""

    number = models.CharField(_("number"), max_length=20, unique=True, editable=False)
    name = models.CharField(_("name"), max_length=160)
    kind = models.CharField(
        _("type"), max_length=10, choices=ProjectKind, default=ProjectKind.TIME_AND_MATERIAL
    )
    group = models.ForeignKey(ProjectGroup, models.PROTECT, verbose_name=_("group"))
    customer = models.ForeignKey("masterdata.Customer", models.PROTECT, verbose_name=_("customer"))
    invoice_customer = models.ForeignKey(
        "masterdata.Customer", models.PROTECT, related_name="+", verbose_name=_("invoiced to")
    )
    site = models.ForeignKey(
        "masterdata.Site", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("site")
    )
    currency = models.ForeignKey("masterdata.Currency", models.PROTECT, verbose_name=_("currency"))
    price_list = models.ForeignKey(
        "projects.PriceList", models.PROTECT, null=True, blank=True, verbose_name=_("price list")
    )
    line_property = models.ForeignKey(LineProperty, models.PROTECT, verbose_name=_("line property"))
    purchase_order = models.CharField(_("customer's order number"), max_length=40, blank=True)
    contract_value = models.DecimalField(
        _("contract value"),
        max_digits=19,
        decimal_places=4,
        null=True,
        blank=True,
        help_text=_("What a fixed price project comes to, net, in its currency; its milestones bill it."),
    )
    ended_on = models.DateField(_("closed from"), null=True, blank=True)
    is_quick = models.BooleanField(
        _("for work without an agreement"),
        default=False,
        db_default=False,
        editable=False,
        help_text=_("Made by itself for the customer's calls that no agreement covers."),
    )

    objects = ProjectQuerySet.as_manager()

    class Meta:
        ordering = ["number"]
        verbose_name = _("project")
        verbose_name_plural = _("projects")
        constraints = [
            one_of("project_kind_known", "kind", ProjectKind),
            at_least("project_contract_value_not_negative", "contract_value", 0),
            models.UniqueConstraint(
                fields=["customer", "currency"],
                name="project_one_quick_per_customer",
                condition=Q(is_quick=True, ended_on=None),
            ),
        ]
        indexes = [
            models.Index(fields=["name", "id"], name="project_by_name"),
            models.Index(
                fields=["number"], name="project_closed_by_number", condition=models.Q(ended_on__isnull=False)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.name}"


class LinePropertySetup(Versioned):
    """PR-11: which line property a project and category get. A row with the project goes before one without."""

    project = models.ForeignKey(Project, models.CASCADE, null=True, blank=True, verbose_name=_("project"))
    group = models.ForeignKey(
        ProjectGroup, models.CASCADE, null=True, blank=True, verbose_name=_("project group")
    )
    category = models.ForeignKey(Category, models.CASCADE, null=True, blank=True, verbose_name=_("category"))
    line_property = models.ForeignKey(LineProperty, models.PROTECT, verbose_name=_("line property"))

    class Meta:
        verbose_name = _("line property setup")
        verbose_name_plural = _("line property setup")
        constraints = [
            models.UniqueConstraint(
                fields=["project", "group", "category"], nulls_distinct=False, name="linepropertysetup_once"
            ),
            models.CheckConstraint(
                name="linepropertysetup_project_or_group",
                condition=Q(project__isnull=True) | Q(group__isnull=True),
            ),
        ]

    def __str__(self) -> str:
        return str(self.line_property)
