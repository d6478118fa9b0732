from django.conf import settings
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateTimeRangeField, RangeOperators
from django.contrib.postgres.indexes import GistIndex
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from servicemgmt.core.constraints import one_of
from servicemgmt.core.models import Versioned

from .activity import Activity


class BookingStatus(models.TextChoices):
    PLANNED = "PLANNED", _("Planned")
    TRAVELLING = "TRAVELLING", _("Travelling")
    WORKING = "WORKING", _("Working")
    PAUSED = "PAUSED", _("Paused")
    DONE = "DONE", _("Done")
    CANCELLED = "CANCELLED", _("Cancelled")


#: The life of a booking. `operations.press` is the clock's one door; the board cancels, and its undo takes that back.
BOOKING_MOVES: dict[str, set[str]] = {
    BookingStatus.PLANNED: {BookingStatus.TRAVELLING, BookingStatus.WORKING, BookingStatus.CANCELLED},
    BookingStatus.TRAVELLING: {BookingStatus.WORKING, BookingStatus.PAUSED, BookingStatus.CANCELLED},
    BookingStatus.WORKING: {BookingStatus.PAUSED, BookingStatus.DONE},
    BookingStatus.PAUSED: {BookingStatus.TRAVELLING, BookingStatus.WORKING, BookingStatus.DONE},
    BookingStatus.DONE: {BookingStatus.WORKING},
    BookingStatus.CANCELLED: {BookingStatus.PLANNED},
}


class BookingQuerySet(models.QuerySet):
    def live(self) -> "BookingQuerySet":
        return self.exclude(status=BookingStatus.CANCELLED)


class Booking(Versioned):
    """A worker's time for an activity, half-open [start, end) in UTC. The database refuses double booking."""

    activity = models.ForeignKey(Activity, models.CASCADE, related_name="bookings")
    worker = models.ForeignKey(
        "masterdata.Employee", models.PROTECT, related_name="bookings", verbose_name=_("worker")
    )
    during = DateTimeRangeField(_("time"))
    is_hard = models.BooleanField(_("blocks other bookings"), default=True)
    soft_reason = models.CharField(_("why booked anyway"), max_length=160, blank=True)
    is_pinned = models.BooleanField(_("pinned"), default=False)
    status = models.CharField(
        _("status"), max_length=10, choices=BookingStatus, default=BookingStatus.PLANNED
    )
    dispatched_at = models.DateTimeField(_("dispatched"), null=True)
    started_at = models.DateTimeField(_("really started"), null=True)
    ended_at = models.DateTimeField(_("really ended"), null=True)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")

    objects = BookingQuerySet.as_manager()

    class Meta:
        ordering = ["during", "pk"]
        verbose_name = _("booking")
        verbose_name_plural = _("bookings")
        permissions = [
            ("view_board", "Can use the dispatch board"),
            ("work_own_day", "Can work on own orders (technician)"),
        ]
        constraints = [
            one_of("booking_status_known", "status", BookingStatus),
            ExclusionConstraint(
                name="booking_no_double_booking",
                expressions=[("worker", RangeOperators.EQUAL), ("during", RangeOperators.OVERLAPS)],
                condition=Q(is_hard=True) & ~Q(status="CANCELLED"),
            ),
            models.CheckConstraint(
                name="booking_has_start_and_end",
                condition=Q(during__isempty=False, during__lower_inf=False, during__upper_inf=False),
            ),
            models.CheckConstraint(
                name="booking_soft_has_a_reason", condition=Q(is_hard=True) | ~Q(soft_reason="")
            ),
        ]
        indexes = [GistIndex(fields=["during"], name="booking_by_time", condition=~Q(status="CANCELLED"))]

    def __str__(self) -> str:
        return f"{self.worker} {self.during}"


class ClockPress(models.Model):
    """One press on the technician's clock, with the device's time and the server's (architecture 19)."""

    booking = models.ForeignKey(Booking, models.CASCADE, related_name="presses")
    status = models.CharField(max_length=10, choices=BookingStatus)
    client_write = models.OneToOneField("core.ClientWrite", models.PROTECT, related_name="+")
    device_at = models.DateTimeField(_("on the device"))

    class Meta:
        ordering = ["device_at", "pk"]
        verbose_name = _("clock press")
        verbose_name_plural = _("clock presses")
        constraints = [one_of("clockpress_status_known", "status", BookingStatus)]

    def __str__(self) -> str:
        return f"{self.booking_id} {self.status}"
