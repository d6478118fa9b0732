"""The small masters of the demonstration company: what setup would hold on the first day."""

from dataclasses import dataclass
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
from servicemgmt.core.editing import create_row
from servicemgmt.core.models import NumberSequence
from servicemgmt.ledger.models import Account, PostingProfile, TaxCode, TaxRate, TaxRule
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
    WorkCalendar,
)
from servicemgmt.projects.models import Category, LineProperty, PeriodType, ProjectGroup

from . import tables


@dataclass(frozen=True)
class Masters:
    """The rows by code, for the rest of the seed to pick from."""

    rows: dict[type[models.Model], dict[str, Any]]

    def __call__(self, model: type[models.Model], code: str) -> Any:
        return self.rows[model][code]


def seed_masters(today: date) -> Masters:
    """Make every master of `tables`. Dates count from `today`, so that prices, rates and taxes are in force."""
    for code, description, prefix, digits, is_gapless in tables.SEQUENCES:
        create_row(
            NumberSequence(
                code=code, description=description, prefix=prefix, digits=digits, is_gapless=is_gapless
            ),
            by=None,
        )
    masters = Masters({})
    for model, rows in simple_tables():
        masters.rows[model] = {row["code"]: create_row(model(**row), by=None) for row in rows}
    seed_calendars(masters, today)
    seed_money(masters, today)
    seed_service(masters)
    create_row(
        Company(
            currency=masters(Currency, "EUR"), calendar=masters(WorkCalendar, "OFFICE"), **tables.COMPANY
        ),
        by=None,
    )
    return masters


def simple_tables() -> list[tuple[type[models.Model], list[dict[str, Any]]]]:
    """Masters that refer to nothing else, as keyword rows."""

    def plain(pairs: list[tuple[str, str]]) -> list[dict[str, Any]]:
        return [{"code": code, "description": description} for code, description in pairs]

    return [
        (Currency, [{"code": c, "description": d, "digits": n} for c, d, n in tables.CURRENCIES]),
        (Unit, [{"code": c, "description": d, "decimals": n} for c, d, n in tables.UNITS]),
        (CustomerTaxGroup, plain(tables.CUSTOMER_TAX_GROUPS)),
        (ItemTaxGroup, plain(tables.ITEM_TAX_GROUPS)),
        (PaymentTerm, [{"code": c, "description": d, "days": n} for c, d, n in tables.PAYMENT_TERMS]),
        (Skill, plain(tables.SKILLS)),
        (Account, [{"code": c, "description": d, "kind": k} for c, d, k in tables.ACCOUNTS]),
        (ProjectGroup, plain(tables.PROJECT_GROUPS)),
        (LineProperty, [{"code": c, "description": d, "coverage": v} for c, d, v in tables.LINE_PROPERTIES]),
        (
            PeriodType,
            [{"code": c, "description": d, "unit": u, "count": n} for c, d, u, n in tables.PERIOD_TYPES],
        ),
        (ActivityType, plain(tables.ACTIVITY_TYPES)),
        (
            ServiceInterval,
            [{"code": c, "description": d, "unit": u, "frequency": n} for c, d, u, n in tables.INTERVALS],
        ),
        (
            TimeWindow,
            [
                {"code": c, "description": d, "method": m, "days_before": b, "days_after": a}
                for c, d, m, b, a in tables.WINDOWS
            ],
        ),
        (TemplateGroup, plain(tables.TEMPLATE_GROUPS)),
        (ServiceTask, [dict(zip(tables.TASK_COLUMNS, row, strict=True)) for row in tables.TASKS]),
        (StageReasonCode, plain(tables.REASONS)),
        (Condition, plain(tables.CONDITIONS)),
        (SymptomArea, plain(tables.SYMPTOM_AREAS)),
        (DiagnosisArea, plain(tables.DIAGNOSIS_AREAS)),
        (Resolution, plain(tables.RESOLUTIONS)),
        (RepairStage, [{"code": c, "description": d, "finished": f} for c, d, f in tables.REPAIR_STAGES]),
    ]


def seed_calendars(masters: Masters, today: date) -> None:
    """Office hours with a lunch break, field hours without, and a calendar that never closes."""
    calendars = {}
    for code, description, minutes, openings in tables.CALENDARS:
        calendar = WorkCalendar(code=code, description=description, standard_day_minutes=minutes)
        calendars[code] = create_row(calendar, by=None)
        CalendarHours.objects.bulk_create(
            CalendarHours(calendar=calendar, weekday=weekday, opens=minute(opens), closes=minute(closes))
            for weekdays, opens, closes in openings
            for weekday in weekdays
        )
    masters.rows[WorkCalendar] = calendars
    for year in (today.year - 1, today.year, today.year + 1):
        CalendarDay.objects.bulk_create(
            CalendarDay(calendar=calendars[code], day=date(year, month, day), reason=reason)
            for code in ("OFFICE", "FIELD")
            for month, day, reason in tables.HOLIDAYS
        )


def minute(text: str) -> int:
    """'07:30' as minutes from midnight; '24:00' is the end of the day."""
    if text == "24:00":
        return 1440
    clock = time.fromisoformat(text)
    return clock.hour * 60 + clock.minute


def seed_money(masters: Masters, today: date) -> None:
    """Open books, exchange rates, taxes, posting profiles and categories."""
    for year in (today.year - 1, today.year, today.year + 1):
        create_fiscal_year(year, by=None)
    start = date(today.year - 1, 1, 1)
    for code, rate in tables.RATES:
        for months_back, factor in ((18, "0.98"), (6, "1.01"), (1, "1")):
            create_row(
                ExchangeRate(
                    currency=masters(Currency, code),
                    valid_from=(today - timedelta(days=30 * months_back)).replace(day=1),
                    rate=round(Decimal(rate) * Decimal(factor), 9),
                ),
                by=None,
            )
    masters.rows[TaxCode] = {}
    for code, description, treatment, reason, percent in tables.TAXES:
        tax = TaxCode(code=code, description=description, treatment=treatment, printed_reason=reason)
        masters.rows[TaxCode][code] = create_row(tax, by=None)
        create_row(TaxRate(code=tax, valid_from=start - timedelta(days=730), percent=percent), by=None)
    for customer_group, item_group, code in tables.TAX_MATRIX:
        create_row(
            TaxRule(
                customer_group=masters(CustomerTaxGroup, customer_group),
                item_group=masters(ItemTaxGroup, item_group),
                valid_from=start - timedelta(days=730),
                code=masters(TaxCode, code),
            ),
            by=None,
        )
    for purpose, account in tables.POSTING:
        create_row(PostingProfile(purpose=purpose, account=masters(Account, account)), by=None)
    masters.rows[Category] = {
        code: create_row(
            Category(
                code=code,
                description=description,
                kind=kind,
                tax_group=masters(ItemTaxGroup, group),
                for_subscriptions=for_subscriptions,
            ),
            by=None,
        )
        for code, description, kind, group, for_subscriptions in tables.CATEGORIES
    }


def seed_service(masters: Masters) -> None:
    """SLAs, groups, the stage tree of C.5, symptom and diagnosis codes, and the parameters that point at them."""
    masters.rows[ServiceLevelAgreement] = {
        code: create_row(
            ServiceLevelAgreement(
                code=code,
                description=description,
                days=days,
                hours=hours,
                calendar=masters(WorkCalendar, calendar) if calendar else None,
            ),
            by=None,
        )
        for code, description, days, hours, calendar in tables.SLAS
    }
    for model, rows in (
        (AgreementGroup, tables.AGREEMENT_GROUPS),
        (ServiceObjectGroup, tables.OBJECT_GROUPS),
    ):
        masters.rows[model] = {
            code: create_row(
                model(
                    code=code,
                    description=description,
                    sla=masters(ServiceLevelAgreement, sla) if sla else None,
                ),
                by=None,
            )
            for code, description, sla in rows
        }
    stages: dict[str, Any] = {}
    for code, description, parent, phase, flags in tables.STAGES:
        stages[code] = create_row(
            ServiceStage(
                code=code,
                description=description,
                parent=stages.get(parent),
                phase=phase,
                **{name: name in flags.split() for name in tables.STAGE_FLAGS},
            ),
            by=None,
        )
    masters.rows[ServiceStage] = stages
    for model, area_model, rows in (
        (SymptomCode, SymptomArea, tables.SYMPTOMS),
        (DiagnosisCode, DiagnosisArea, tables.DIAGNOSES),
    ):
        masters.rows[model] = {
            code: create_row(
                model(area=masters(area_model, area), code=code, description=description), by=None
            )
            for area, code, description in rows
        }
    seed_parameters(masters)


def seed_parameters(masters: Masters) -> None:
    """The one row of service parameters."""
    create_row(
        ServiceParameters(
            calendar=masters(WorkCalendar, "OFFICE"),
            agreement_group=masters(AgreementGroup, "SILVER"),
            project_group=masters(ProjectGroup, "SERVICE"),
            line_property=masters(LineProperty, "CHARGE"),
            activity_type=masters(ActivityType, "VISIT"),
            hour_category=masters(Category, "LABOUR"),
            expense_category=masters(Category, "TRAVELCOST"),
            item_category=masters(Category, "PARTS"),
            fee_category=masters(Category, "CALLOUT"),
        ),
        by=None,
    )
