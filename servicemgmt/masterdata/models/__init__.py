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
from .item import Item, ItemTaxGroup, ItemTracking, Unit
from .people import Absence, Employee, EmployeeSkill, Skill, Team

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
    "ItemTaxGroup",
    "ItemTracking",
    "PaymentTerm",
    "Site",
    "Skill",
    "Team",
    "Unit",
    "Weekday",
    "WorkCalendar",
]
