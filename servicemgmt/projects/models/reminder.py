"""Reminders of what is overdue: their levels, and the letters that were sent."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from servicemgmt.core.constraints import at_least
from servicemgmt.core.models import Master


class ReminderLevel(Master):
    """How a customer is reminded once an item is so many days overdue; the code is the level's short name."""

    level = models.PositiveSmallIntegerField(_("level"), unique=True)
    days = models.PositiveSmallIntegerField(_("days overdue"))
    fee = models.DecimalField(
        _("fee"),
        max_digits=19,
        decimal_places=4,
        default=0,
        help_text=_("In the company's currency; printed on the letter."),
    )
    posts_fee = models.BooleanField(
        _("post the fee"),
        default=False,
        help_text=_("The customer owes the fee from the day of the letter; else it is only asked for."),
    )
    fee_text = models.CharField(_("what the fee is called"), max_length=80, blank=True)
    text = models.TextField(_("text of the letter"), max_length=2000)

    class Meta(Master.Meta):
        ordering = ["level"]
        verbose_name = _("reminder level")
        verbose_name_plural = _("reminder levels")
        constraints = [
            at_least("reminderlevel_overdue_at_least_a_day", "days", 1),
            at_least("reminderlevel_counted_from_one", "level", 1),
            at_least("reminderlevel_fee_not_negative", "fee", 0),
        ]


class ReminderQuerySet(models.QuerySet["Reminder"]):
    def search(self, text: str) -> "ReminderQuerySet":
        return self.filter(
            Q(number__icontains=text)
            | Q(customer__name__icontains=text)
            | Q(customer__number__iexact=text)
            | Q(pk__in=ReminderLine.objects.filter(item__label__iexact=text).values("reminder"))
        )


class Reminder(models.Model):
    """A letter about overdue items of one customer and currency, as it was printed. Frozen (triggers)."""

    number = models.CharField(_("number"), max_length=24, unique=True)
    customer = models.ForeignKey(
        "masterdata.Customer", models.PROTECT, related_name="reminders", verbose_name=_("customer")
    )
    currency = models.ForeignKey("masterdata.Currency", models.PROTECT, verbose_name=_("currency"))
    level = models.ForeignKey(ReminderLevel, models.PROTECT, verbose_name=_("level"))
    on = models.DateField(_("date"))
    open = models.DecimalField(_("overdue"), max_digits=19, decimal_places=4)
    fee = models.DecimalField(_("fee"), max_digits=19, decimal_places=4)
    language = models.CharField(max_length=10)
    printed = models.JSONField(default=dict, help_text="Names, addresses and texts as they stood on the day.")
    run = models.ForeignKey("core.Run", models.SET_NULL, null=True, related_name="+")
    made_at = models.DateTimeField(_("made"), db_default=Now())
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")

    objects = ReminderQuerySet.as_manager()

    class Meta:
        ordering = ["-on", "-pk"]
        verbose_name = _("reminder")
        verbose_name_plural = _("reminders")
        permissions = [("waive_fee", "Can waive the fee of a reminder")]
        indexes = [models.Index(fields=["-on", "-id"], name="reminder_by_date")]

    def __str__(self) -> str:
        return self.number

    @property
    def pdf_name(self) -> str:
        """What its printed letter is called in the archive."""
        return f"{self.number}.pdf"


class ReminderLine(models.Model):
    """An overdue item on a reminder: what was open of it, and the level it is reminded at; each level once."""

    reminder = models.ForeignKey(Reminder, models.PROTECT, related_name="lines")
    item = models.ForeignKey("projects.CustomerItem", models.PROTECT, related_name="reminder_lines")
    level = models.PositiveSmallIntegerField(_("level"))
    open = models.DecimalField(_("open"), max_digits=19, decimal_places=4)
    days = models.PositiveIntegerField(_("days overdue"))

    class Meta:
        ordering = ["reminder", "pk"]
        verbose_name = _("reminder line")
        verbose_name_plural = _("reminder lines")
        constraints = [
            models.UniqueConstraint(fields=["item", "level"], name="reminderline_once_per_item_and_level")
        ]

    def __str__(self) -> str:
        return f"{self.item_id} {self.level}"
