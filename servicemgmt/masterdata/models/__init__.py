from .calendar import CalendarDay, CalendarHours, Weekday, WorkCalendar
from .company import Company, Currency, ExchangeRate
from .customer import (
    Contact,
    Customer,
    CustomerQuerySet,
    CustomerTaxGroup,
    InvoiceGrouping,
    PaymentTerm,
    Site,
)
from .item import Item, ItemKind, ItemTaxGroup, ItemTracking, PartsList, PartsListLine, Unit
from .people import Absence, Employee, EmployeeSkill, Skill, Team
from .wording import Wording

__all__ = [
    "Absence",
    "CalendarDay",
    "CalendarHours",
    "Company",
    "Contact",
    "Currency",
    "Customer",
    "CustomerQuerySet",
    "CustomerTaxGroup",
    "Employee",
    "EmployeeSkill",
    "ExchangeRate",
    "InvoiceGrouping",
    "Item",
    "ItemKind",
    "ItemTaxGroup",
    "ItemTracking",
    "PartsList",
    "PartsListLine",
    "PaymentTerm",
    "Site",
    "Skill",
    "Team",
    "Unit",
    "Weekday",
    "WorkCalendar",
    "Wording",
]
