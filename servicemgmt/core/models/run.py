from django.conf import settings
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from ..constraints import one_of


class RunStatus(models.TextChoices):
    QUEUED = "QUEUED", _("Waiting")
    RUNNING = "RUNNING", _("Running")
    DONE = "DONE", _("Done")
    FAILED = "FAILED", _("Failed")
    CANCELLED = "CANCELLED", _("Cancelled")


#: The life of a run; `operations.move_run` is its one door.
RUN_MOVES: dict[str, set[str]] = {
    RunStatus.QUEUED: {RunStatus.RUNNING, RunStatus.CANCELLED, RunStatus.FAILED},
    RunStatus.RUNNING: {RunStatus.DONE, RunStatus.FAILED, RunStatus.CANCELLED},
    RunStatus.DONE: set(),
    RunStatus.FAILED: set(),
    RunStatus.CANCELLED: set(),
}


class Run(models.Model):
    """One mass job: what was asked, how far it is, what it did and what it had to say.

    The work lies in its chunks; each is done in one transaction together with its `done_at`, so a run may be killed
    at any moment, shared by any number of workers and started again.
    """

    kind = models.CharField(_("kind"), max_length=40)
    parameters = models.JSONField(_("parameters"), default=dict)
    status = models.CharField(_("status"), max_length=10, choices=RunStatus, default=RunStatus.QUEUED)
    started_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="runs", verbose_name=_("started by")
    )
    queued_at = models.DateTimeField(_("queued"), db_default=Now())
    started_at = models.DateTimeField(_("started"), null=True)
    finished_at = models.DateTimeField(_("finished"), null=True)
    is_planned = models.BooleanField(default=False)
    error = models.TextField(_("error"), blank=True)
    retry_of = models.ForeignKey("self", models.SET_NULL, null=True, related_name="retries")

    class Meta:
        ordering = ["-pk"]
        verbose_name = _("run")
        verbose_name_plural = _("runs")
        constraints = [one_of("run_status_known", "status", RunStatus)]
        indexes = [
            models.Index(
                fields=["id"], name="run_unfinished", condition=models.Q(status__in=["QUEUED", "RUNNING"])
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"

    @property
    def is_over(self) -> bool:
        return not RUN_MOVES[self.status]


class RunChunk(models.Model):
    """A piece of a run: the half-open id range [lo, hi) or a list of ids. Done exactly once."""

    run = models.ForeignKey(Run, models.CASCADE, related_name="chunks")
    lo = models.BigIntegerField(null=True)
    hi = models.BigIntegerField(null=True)
    items = models.JSONField(null=True)
    size = models.PositiveIntegerField()
    done_at = models.DateTimeField(null=True)
    counts = models.JSONField(default=dict)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="runchunk_range_or_items",
                condition=models.Q(lo__isnull=False, hi__isnull=False, items__isnull=True)
                | models.Q(lo__isnull=True, hi__isnull=True, items__isnull=False),
            )
        ]
        indexes = [
            models.Index(
                fields=["run", "id"], name="runchunk_waiting", condition=models.Q(done_at__isnull=True)
            )
        ]

    def __str__(self) -> str:
        return f"{self.run_id}: {self.items if self.lo is None else (self.lo, self.hi)}"


class RunMessage(models.Model):
    """What a run has to say about one thing it met: the infolog."""

    class Level(models.TextChoices):
        INFO = "INFO", _("Information")
        WARNING = "WARNING", _("Warning")
        ERROR = "ERROR", _("Refused")

    run = models.ForeignKey(Run, models.CASCADE, related_name="messages")
    level = models.CharField(_("level"), max_length=10, choices=Level)
    text = models.TextField(_("message"))
    subject = models.CharField(_("subject"), max_length=60, blank=True)
    data = models.JSONField(default=dict)

    class Meta:
        ordering = ["pk"]
        verbose_name = _("run message")
        verbose_name_plural = _("run messages")
        constraints = [
            models.CheckConstraint(
                name="runmessage_level_known", condition=models.Q(level__in=["INFO", "WARNING", "ERROR"])
            )
        ]
        indexes = [models.Index(fields=["run", "level", "id"], name="runmessage_by_run")]

    def __str__(self) -> str:
        return self.text
