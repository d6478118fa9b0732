"""The small masters of the demonstration company: what setup would hold on the first day."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, time, timedelta
from decimal import Decimal
from typing import Any

from django.db import models

from agreements.models import (
    ActivityType,
    AgreementGroup,
    ServiceInterval,
    ServiceLevelAgreement,
    ServiceObjectGroup,
    ServiceTask,
    TemplateGroup,
    TimeWindow,
)
from orders.models import (
    Condition,
    DiagnosisArea,
    DiagnosisCode,
    RepairStage,
    Resolution,
    ServiceParameters,
    ServiceStage,
    StageReasonCode,
    SymptomArea,
    SymptomCode,
)
from servicemgmt.core.editing import create_row, create_rows
from servicemgmt.core.models import NumberSequence
from servicemgmt.ledger.models import Account, LedgerParameters, PostingProfile, TaxCode, TaxRate, TaxRule
from servicemgmt.ledger.operations import create_fiscal_year
from servicemgmt.masterdata.models import (
    CalendarDay,
    CalendarHours,
    Company,
    Currency,
    CustomerTaxGroup,
    ExchangeRate,
    ItemTaxGroup,
    PaymentTerm,
    Skill,
    Unit,
    Wording,
    WorkCalendar,
)
from servicemgmt.projects.models import (
    Category,
    LineProperty,
    PaymentMethod,
    PeriodType,
    ProjectGroup,
    ProjectParameters,
    ReminderLevel,
)

from .tables import books, firm, service


@dataclass(frozen=True)
class Masters:
    """The rows by code, for the rest of the seed to pick from."""

    rows: dict[type[models.Model], dict[str, Any]] = field(default_factory=dict)

    def __call__(self, model: type[models.Model], code: str) -> Any:
        """The row of that code; None for the code ''."""
        return self.rows[model][code] if code else None

    def make(self, model: type[models.Model], columns: str, table: Iterable[tuple[Any, ...]]) -> None:
        """Make the rows of a table whose columns are these, and keep them by their code."""
        names = columns.split()
        made = create_rows((model(**dict(zip(names, row, strict=True))) for row in table), by=None)
        self.rows[model] = {row.code: row for row in made}  # type: ignore[attr-defined]


def seed_masters(today: date) -> Masters:
    """Make every master of `tables`. Dates count from `today`, so that prices, rates and taxes are in force."""
    masters = Masters()
    masters.make(NumberSequence, "code description prefix digits is_gapless", firm.SEQUENCES)
    seed_plain(masters)
    seed_calendars(masters, today)
    seed_books(masters, today)
    seed_service(masters)
    create_row(
        Company(currency=masters(Currency, "EUR"), calendar=masters(WorkCalendar, "OFFICE"), **firm.COMPANY),
        by=None,
    )
    return masters


def seed_plain(masters: Masters) -> None:
    """Masters that refer to nothing else."""
    make, plain = masters.make, "code description"
    make(Currency, f"{plain} digits", firm.CURRENCIES)
    make(Unit, f"{plain} decimals", firm.UNITS)
    make(PaymentTerm, f"{plain} days", firm.PAYMENT_TERMS)
    make(Skill, plain, firm.SKILLS)
    make(CustomerTaxGroup, plain, books.CUSTOMER_TAX_GROUPS)
    make(ItemTaxGroup, plain, books.ITEM_TAX_GROUPS)
    make(Account, f"{plain} kind", books.ACCOUNTS)
    make(ProjectGroup, plain, books.PROJECT_GROUPS)
    make(LineProperty, f"{plain} coverage", books.LINE_PROPERTIES)
    make(PeriodType, f"{plain} unit count", books.PERIOD_TYPES)
    make(ActivityType, plain, service.ACTIVITY_TYPES)
    make(
        ServiceInterval, f"{plain} unit frequency ordinal weekday season_from season_until", service.INTERVALS
    )
    make(TimeWindow, f"{plain} method days_before days_after", service.WINDOWS)
    make(TemplateGroup, plain, service.TEMPLATE_GROUPS)
    tasks = [(*row, masters(Skill, skill)) for *row, skill in service.TASKS]
    make(ServiceTask, f"{plain} note_internal note_external planned_minutes required_skill", tasks)
    make(StageReasonCode, plain, service.REASONS)
    make(Condition, plain, service.CONDITIONS)
    make(SymptomArea, plain, service.SYMPTOM_AREAS)
    make(DiagnosisArea, plain, service.DIAGNOSIS_AREAS)
    make(Resolution, plain, service.RESOLUTIONS)
    make(RepairStage, f"{plain} finished", service.REPAIR_STAGES)


def years_around(today: date) -> range:
    return range(today.year - 1, today.year + 2)


def seed_calendars(masters: Masters, today: date) -> None:
    """Office hours with a lunch break, field hours without, and a calendar that never closes."""
    table = [row[:3] for row in firm.CALENDARS]
    masters.make(WorkCalendar, "code description standard_day_minutes", table)
    CalendarHours.objects.bulk_create(
        CalendarHours(
            calendar=masters(WorkCalendar, code), weekday=day, opens=minute(opens), closes=minute(closes)
        )
        for code, _description, _minutes, openings in firm.CALENDARS
        for weekdays, opens, closes in openings
        for day in weekdays
    )
    CalendarDay.objects.bulk_create(
        CalendarDay(calendar=masters(WorkCalendar, code), day=date(year, month, day), reason=reason)
        for year in years_around(today)
        for code in ("OFFICE", "FIELD")
        for month, day, reason in firm.HOLIDAYS
    )


def minute(text: str) -> int:
    """'07:30' as minutes from midnight; '24:00' is the end of the day."""
    if text == "24:00":
        return 1440
    clock = time.fromisoformat(text)
    return clock.hour * 60 + clock.minute


def seed_books(masters: Masters, today: date) -> None:
    """Open books, exchange rates, taxes, posting profiles and categories."""
    for year in years_around(today):
        create_fiscal_year(year, by=None)
    create_row(LedgerParameters(), by=None)
    create_row(ProjectParameters(accrue_on_day=1), by=None)
    since = date(today.year - 3, 1, 1)
    create_rows(
        (
            ExchangeRate(
                currency=masters(Currency, code),
                valid_from=(today - timedelta(days=30 * months_back)).replace(day=1),
                rate=round(Decimal(rate) * Decimal(factor), 9),
            )
            for code, rate in firm.RATES
            for months_back, factor in ((18, "0.98"), (6, "1.01"), (1, "1"))
        ),
        by=None,
    )
    masters.make(TaxCode, "code description treatment printed_reason", [row[:4] for row in books.TAXES])
    create_rows(
        (
            TaxRate(code=masters(TaxCode, code), valid_from=since, percent=percent)
            for code, *_described, percent in books.TAXES
        ),
        by=None,
    )
    create_rows(
        (
            TaxRule(
                customer_group=masters(CustomerTaxGroup, customer_group),
                item_group=masters(ItemTaxGroup, item_group),
                valid_from=since,
                code=masters(TaxCode, code),
            )
            for customer_group, item_group, code in books.TAX_MATRIX
        ),
        by=None,
    )
    create_rows(
        (
            PostingProfile(purpose=purpose, account=masters(Account, account))
            for purpose, account in books.POSTING
        ),
        by=None,
    )
    create_rows(
        (
            PaymentMethod(code=code, description=description, account=masters(Account, account))
            for code, description, account in books.PAYMENT_METHODS
        ),
        by=None,
    )
    levels = [(*row, text) for row, text in zip(books.REMINDER_LEVELS, books.REMINDER_TEXTS, strict=True)]
    masters.make(ReminderLevel, "level code description days fee posts_fee fee_text text", levels)
    create_rows((Wording(language="de", text=text, wording=said) for text, said in books.WORDINGS), by=None)
    categories = [
        (code, description, kind, masters(ItemTaxGroup, group), subscribed)
        for code, description, kind, group, subscribed in books.CATEGORIES
    ]
    masters.make(Category, "code description kind tax_group for_subscriptions", categories)


def seed_service(masters: Masters) -> None:
    """SLAs, groups, the stage tree of C.5, symptom and diagnosis codes, and the parameters that point at them."""
    slas = [(*row, masters(WorkCalendar, calendar)) for *row, calendar in service.SLAS]
    masters.make(ServiceLevelAgreement, "code description days hours calendar", slas)
    groups = ((AgreementGroup, service.AGREEMENT_GROUPS), (ServiceObjectGroup, service.OBJECT_GROUPS))
    for model, table in groups:
        rows = [(code, text, masters(ServiceLevelAgreement, sla)) for code, text, sla in table]
        masters.make(model, "code description sla", rows)
    seed_stages(masters)
    symptoms = [(masters(SymptomArea, area), *row) for area, *row in service.SYMPTOMS]
    masters.make(SymptomCode, "area code description", symptoms)
    diagnoses = [(masters(DiagnosisArea, area), *row) for area, *row in service.DIAGNOSES]
    masters.make(DiagnosisCode, "area code description", diagnoses)
    create_row(
        ServiceParameters(
            calendar=masters(WorkCalendar, "OFFICE"),
            agreement_group=masters(AgreementGroup, "SILVER"),
            project_group=masters(ProjectGroup, "SERVICE"),
            line_property=masters(LineProperty, "CHARGE"),
            warranty_line_property=masters(LineProperty, "WARRANTY"),
            activity_type=masters(ActivityType, "VISIT"),
            hour_category=masters(Category, "LABOUR"),
            expense_category=masters(Category, "TRAVELCOST"),
            item_category=masters(Category, "PARTS"),
            fee_category=masters(Category, "CALLOUT"),
            planning_horizon_days=45,
        ),
        by=None,
    )


def seed_stages(masters: Masters) -> None:
    """A stage after its parent."""
    stages: dict[str, ServiceStage] = {}
    for code, description, parent, phase, flags in service.STAGES:
        stage = ServiceStage(code=code, description=description, parent=stages.get(parent), phase=phase)
        for name in flags.split():
            setattr(stage, name, True)
        stages[code] = create_row(stage, by=None)
    masters.rows[ServiceStage] = stages
