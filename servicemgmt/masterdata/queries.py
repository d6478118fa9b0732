"""Reading master data that everybody needs."""

from datetime import date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from django.db.models import DateField, Func, Subquery, Value
from django.db.models.functions import Cast, Coalesce, Now
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from servicemgmt.core.errors import Refused

from .models import Company, Currency, ExchangeRate


def company() -> Company:
    """The company row. Raises Refused before the company is set up."""
    found = Company.objects.select_related("currency", "calendar").first()
    if found is None:
        raise Refused(_("The company is not set up yet: an administrator does that under Setup, Company."))
    return found


def company_zone() -> str:
    """The company's IANA zone, or UTC before there is a company."""
    return Company.objects.values_list("time_zone", flat=True).first() or "UTC"


def company_today() -> date:
    """The day it is now in the company's zone; for views, tasks and commands, which alone read the clock."""
    return company_day_at(timezone.now())


def company_day_at(at: datetime) -> date:
    """The day it is in the company's zone at this moment: what is posted then is dated so."""
    return timezone.localdate(at, ZoneInfo(company_zone()))


def company_day() -> Cast:
    """Today's date in the company's zone, as an expression for conditions that outlive the request."""
    zone = Subquery(Company.objects.values("time_zone")[:1])
    return Cast(Func(Coalesce(zone, Value("UTC")), Now(), function="timezone"), DateField())


def rate_on(currency: Currency, on: date) -> Decimal:
    """Company currency per one unit of `currency` on that day; 1 for the company's own.

    Raises Refused by name where there is no rate on or before the day.
    """
    return Rates().on(currency, on)


class Rates:
    """Exchange rates, each read once for many documents."""

    def __init__(self) -> None:
        self.home = company().currency_id
        self.known: dict[tuple[int, date], Decimal] = {}

    def on(self, currency: Currency, day: date) -> Decimal:
        """See `rate_on`."""
        if currency.pk == self.home:
            return Decimal(1)
        key = currency.pk, day
        if key not in self.known:
            self.known[key] = _rate(currency, day)
        return self.known[key]


def _rate(currency: Currency, on: date) -> Decimal:
    rate = ExchangeRate.objects.filter(currency=currency, valid_from__lte=on).order_by("-valid_from").first()
    if rate is None:
        raise Refused(
            _("There is no exchange rate for %(currency)s on %(day)s.")
            % {"currency": currency.code, "day": date_format(on)}
        )
    return rate.rate
