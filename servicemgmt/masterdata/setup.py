"""The small masters of this app, what can be searched for, and whose history may be read."""

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from servicemgmt.core.audit import register_subject
from servicemgmt.core.errors import Invalid
from servicemgmt.core.languages import others
from servicemgmt.core.models import User
from servicemgmt.core.search import register as searchable
from servicemgmt.core.setup import Child, Setup, register

from . import models
from .operations import check_team

COMPANY = _("Company")
PEOPLE = _("People")
TRADE = _("Items and customers")


def check_language(row: models.Wording, by: User | None) -> None:
    """Invalid for a language that no document is written in, and for that of the setup itself."""
    known = dict(others())
    if row.language not in known:
        offered = ", ".join(f"{code} ({name})" for code, name in known.items())
        raise Invalid(gettext("Choose one of: %(languages)s.") % {"languages": offered}, field="language")


register(
    Setup(
        models.Company,
        section=COMPANY,
        single=True,
        fields=["name", "street", "postal_code", "city", "country", "phone", "email", "website", "tax_number",
                "bank_name", "iban", "bic", "currency", "time_zone", "language", "calendar", "page_size"],
        columns=["name", "city", "currency", "time_zone"],
        sentences={
            "company_currency_stays_once_posted": _(
                "Something is posted, so the company keeps its currency: all amounts of the ledger are in it."
            ),
        },
        help=_("What stands on documents, and the currency, time zone and calendar of the company."),
    )
)  # fmt: skip
register(
    Setup(
        models.Wording,
        section=COMPANY,
        fields=["language", "text", "wording"],
        identity=["language", "text"],
        clean=check_language,
        sentences={"wording_once_per_text": _("There is a wording of this text in this language already.")},
        help=_(
            "What documents for customers who are written to in another language say for texts of the setup: "
            "descriptions of payment terms and tax codes, why no tax is charged, headings, texts and fees of "
            "reminders. The text is entered as it stands there; what has no wording is printed as it is."
        ),
    )
)
register(
    Setup(
        models.Currency,
        section=COMPANY,
        fields=["code", "description", "digits"],
        fixed=["code", "digits"],
        children=[Child(models.ExchangeRate, ["valid_from", "rate"])],
        sentences={"currency_code_is_iso": _("The code is three capital letters, as in ISO 4217.")},
        help=_(
            "Currencies by ISO code, with the rate of one unit in the company's currency from a day on. Code and "
            "decimals stay as they were made; one that is not used yet can be deleted and made again."
        ),
    )
)
register(
    Setup(
        models.WorkCalendar,
        section=COMPANY,
        fields=["code", "description", "standard_day_minutes"],
        children=[
            Child(
                models.CalendarHours,
                ["weekday", "opens", "closes"],
                clocks={"opens": _("From"), "closes": _("To")},
                help=_("Several openings a day make a lunch break. 24:00 is the end of the day."),
            ),
            Child(
                models.CalendarDay,
                ["day", "opens", "closes", "reason"],
                clocks={"opens": _("From"), "closes": _("To")},
                help=_("Days that differ. Without hours the day is closed."),
            ),
        ],
        sentences={
            "calendarhours_do_not_overlap": _("Two openings of a weekday overlap."),
            "calendarday_openings_do_not_overlap": _(
                "Openings of a day overlap, or it is closed and open at once."
            ),
        },
        help=_("When work is done and SLA clocks run."),
    )
)
register(
    Setup(
        models.Team,
        section=PEOPLE,
        fields=["code", "description", "owner", "calendar", "booking_rule", "snap_minutes", "shows_prices"],
        clean=lambda team, by: check_team(team),
        help=_("Dispatch teams: the groups of rows on the dispatch board."),
    )
)
register(
    Setup(
        models.Skill,
        section=PEOPLE,
        fields=["code", "description"],
        help=_("Licences, trainings, abilities."),
    )
)
register(
    Setup(
        models.Item,
        section=TRADE,
        fields=["number", "name", "kind", "unit", "tax_group", "is_stocked", "tracking", "cost_price", "sales_price"],
        help=_("Parts and articles. The prices are used where no price row fits."),
        sentences={
            "item_only_stock_is_tracked": _("Only what is kept in stock can be tracked."),
            "item_tracking_stays_while_on_hand": _(
                "How it is tracked can change only while nothing of it is on hand."
            ),
        },
    )
)  # fmt: skip
register(
    Setup(
        models.PartsList,
        section=TRADE,
        fields=["item", "valid_from"],
        children=[
            Child(
                models.PartsListLine,
                ["part", "quantity"],
                help=_("In the unit of the part. A part with a parts list brings its own parts along."),
            )
        ],
        sentences={"partslistline_acyclic": _("An item cannot be a part of itself.")},
        help=_(
            "What items of the kind bill of materials consist of, from a day on: a source of template BOMs."
        ),
    )
)
register(
    Setup(models.Unit, section=TRADE, fields=["code", "description", "decimals"], help=_("Units of measure."))
)
register(
    Setup(
        models.PaymentTerm,
        section=TRADE,
        fields=["code", "description", "days"],
        help=_("When an invoice is due, in days from its date."),
    )
)
register(
    Setup(
        models.CustomerTaxGroup,
        section=TRADE,
        fields=["code", "description"],
        help=_("One side of the tax matrix: how a customer is taxed."),
    )
)
register(
    Setup(
        models.ItemTaxGroup,
        section=TRADE,
        fields=["code", "description"],
        help=_("The other side of the tax matrix: how goods and services are taxed."),
    )
)

searchable(
    models.Customer,
    permission=("masterdata.view_customer", "orders.view_serviceorder"),
    text=lambda row: f"{row.number} {row.name}",
    sub=lambda row: row.city,
)
searchable(
    models.Site,
    permission="masterdata.view_site",
    search=["number", "name", "street", "postal_code", "city", "customer__name"],
    text=lambda row: f"{row.name}, {row.address}" if row.address else row.name,
    sub=lambda row: row.customer.name if row.customer else "",
    rows=lambda user: models.Site.objects.filter(one_time=False).select_related("customer"),
    filters=["customer"],
)
searchable(
    models.Contact,
    permission="masterdata.view_contact",
    search=["name", "customer__name"],
    sub=lambda row: row.role,
    filters=["customer"],
)
searchable(
    models.Employee,
    permission="masterdata.view_employee",
    search=["number", "name"],
    text=lambda row: row.name,
    filters=["team"],
)
searchable(
    models.Item,
    permission=("masterdata.view_item", "dispatch.work_own_day"),
    search=["number", "name"],
    filters=["is_stocked"],
)

for name in ("customer", "site", "employee"):
    register_subject(name, permission=f"masterdata.view_{name}", view=f"masterdata:{name}", key="number")
