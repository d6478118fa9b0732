"""The demonstration company's masters as plain rows: code, description and what else the kind needs."""

COMPANY = {
    "name": "Nordlicht Service GmbH",
    "street": "Hafenstraße 12",
    "postal_code": "10437",
    "city": "Berlin",
    "country": "DE",
    "phone": "+49 30 555 0100",
    "email": "office@nordlicht.example",
    "website": "www.nordlicht.example",
    "tax_number": "DE123456788",
    "bank_name": "Musterbank Berlin",
    "iban": "DE75512108001245126199",
    "bic": "SOLADEST600",
    "time_zone": "Europe/Berlin",
}

# code, description, prefix, digits, gapless
SEQUENCES = [
    ("customer", "Customers", "C-", 5, False),
    ("site", "Sites", "ST-", 5, False),
    ("employee", "Employees", "E-", 4, False),
    ("project", "Projects", "P-", 5, False),
    ("agreement", "Service agreements", "SA-", 5, False),
    ("object", "Service objects", "OB-", 5, False),
    ("request", "Service requests", "SR-", 5, False),
    ("order", "Service orders", "SO-", 6, False),
    ("imported_order", "Imported history", "HI-", 6, False),
    ("subscription", "Subscriptions", "SUB-", 5, False),
    ("proposal", "Invoice proposals", "IP-", 5, False),
    ("voucher", "Vouchers", "V-", 6, True),
    ("invoice", "Invoices", "INV-", 5, True),
    ("credit_note", "Credit notes", "CN-", 5, True),
]

CURRENCIES = [
    ("EUR", "Euro", 2),
    ("GBP", "Pound sterling", 2),
    ("AUD", "Australian dollar", 2),
    ("JPY", "Yen", 0),
    ("KWD", "Kuwaiti dinar", 3),
]
RATES = [("GBP", "1.148000000"), ("AUD", "0.562000000")]
UNITS = [("H", "Hour", 2), ("PC", "Piece", 0), ("KM", "Kilometre", 0), ("L", "Litre", 2), ("M", "Metre", 2)]
CUSTOMER_TAX_GROUPS = [("DOMESTIC", "Domestic"), ("ABROAD", "Abroad"), ("EXEMPT", "Exempt")]
ITEM_TAX_GROUPS = [("FULL", "Full rate"), ("REDUCED", "Reduced rate")]
PAYMENT_TERMS = [("N14", "14 days net", 14), ("N30", "30 days net", 30), ("NOW", "Due at once", 0)]
SKILLS = [
    ("ELEC", "Electrician"),
    ("REFRIG", "Refrigerants, category I"),
    ("LIFT", "Lift inspection"),
    ("GAS", "Gas installation"),
    ("HEIGHT", "Work at height"),
]
ACTIVITY_TYPES = [
    ("VISIT", "Visit"),
    ("INSPECT", "Inspection"),
    ("REPAIR", "Repair"),
    ("INSTALL", "Installation"),
]

# code, description, treatment, printed reason, percent
TAXES = [
    ("V19", "VAT 19 %", "S", "", "19"),
    ("V7", "VAT 7 %", "S", "", "7"),
    ("RC", "Reverse charge", "AE", "Reverse charge: the customer owes the tax.", "0"),
    ("EX", "Exempt", "E", "Exempt from tax.", "0"),
]
TAX_MATRIX = [
    ("DOMESTIC", "FULL", "V19"),
    ("DOMESTIC", "REDUCED", "V7"),
    ("ABROAD", "FULL", "RC"),
    ("ABROAD", "REDUCED", "RC"),
    ("EXEMPT", "FULL", "EX"),
    ("EXEMPT", "REDUCED", "EX"),
]

ACCOUNTS = [
    ("1200", "Bank", "ASSET"),
    ("1400", "Trade receivables", "ASSET"),
    ("1480", "WIP – subscription", "ASSET"),
    ("1490", "Work in progress, sales value", "ASSET"),
    ("1580", "Stock of parts", "ASSET"),
    ("1590", "Goods received, not invoiced", "LIABILITY"),
    ("1776", "Output VAT", "LIABILITY"),
    ("1790", "Expense clearing", "LIABILITY"),
    ("4100", "Payroll allocated to service", "EXPENSE"),
    ("5100", "Cost of hours", "EXPENSE"),
    ("5200", "Cost of expenses", "EXPENSE"),
    ("5300", "Cost of parts", "EXPENSE"),
    ("5390", "Stock differences", "EXPENSE"),
    ("6900", "Rounding differences", "EXPENSE"),
    ("6910", "Exchange differences", "EXPENSE"),
    ("8100", "Revenue: hours", "INCOME"),
    ("8200", "Revenue: expenses", "INCOME"),
    ("8300", "Revenue: parts", "INCOME"),
    ("8400", "Revenue: fees", "INCOME"),
    ("8500", "Revenue: subscriptions", "INCOME"),
    ("8590", "Accrued revenue – subscription", "INCOME"),
    ("8690", "Accrued revenue, sales value", "INCOME"),
]
POSTING = [
    ("HOUR_COST", "5100"),
    ("EXPENSE_COST", "5200"),
    ("ITEM_COST", "5300"),
    ("HOUR_OFFSET", "4100"),
    ("EXPENSE_OFFSET", "1790"),
    ("STOCK", "1580"),
    ("STOCK_OFFSET", "1590"),
    ("STOCK_VARIANCE", "5390"),
    ("HOUR_REVENUE", "8100"),
    ("EXPENSE_REVENUE", "8200"),
    ("ITEM_REVENUE", "8300"),
    ("FEE_REVENUE", "8400"),
    ("SUBSCRIPTION_REVENUE", "8500"),
    ("WIP_SALES", "1490"),
    ("ACCRUED_SALES", "8690"),
    ("WIP_SUBSCRIPTION", "1480"),
    ("ACCRUED_SUBSCRIPTION", "8590"),
    ("RECEIVABLE", "1400"),
    ("TAX", "1776"),
    ("ROUNDING", "6900"),
    ("EXCHANGE", "6910"),
    ("BANK", "1200"),
]

PROJECT_GROUPS = [("SERVICE", "Service"), ("INSTALL", "Installation"), ("INTERNAL", "Internal")]
LINE_PROPERTIES = [
    ("CHARGE", "Charged", "CHARGED"),
    ("COVERED", "Covered by the agreement", "COVERED"),
    ("WARRANTY", "Warranty", "WARRANTY"),
    ("GOODWILL", "Goodwill", "GOODWILL"),
    ("INTERNAL", "Internal", "INTERNAL"),
]
# code, description, type, tax group, for subscriptions
CATEGORIES = [
    ("LABOUR", "Labour", "HOUR", "FULL", False),
    ("TRAVEL", "Travel time", "HOUR", "FULL", False),
    ("ENGINEER", "Engineer", "HOUR", "FULL", False),
    ("TRAVELCOST", "Travel cost", "EXPENSE", "FULL", False),
    ("SUBCON", "Subcontractor", "EXPENSE", "FULL", False),
    ("PARTS", "Parts", "ITEM", "FULL", False),
    ("CALLOUT", "Call-out fee", "FEE", "FULL", False),
    ("DISPOSAL", "Disposal fee", "FEE", "FULL", False),
    ("HOTLINE", "Hotline", "FEE", "FULL", True),
    ("MONITOR", "Remote monitoring", "FEE", "FULL", True),
    ("HISTORY", "Imported history", "EXPENSE", "FULL", False),
]
PERIOD_TYPES = [
    ("MONTH", "Month", "MONTH", 1),
    ("QUARTER", "Quarter", "QUARTER", 1),
    ("YEAR", "Year", "YEAR", 1),
    ("WEEK", "Week", "WEEK", 1),
]

# code, description, minutes of a standard day, [(weekdays, from, to)]
CALENDARS = [
    ("OFFICE", "Office hours", 480, [(range(5), "08:00", "12:00"), (range(5), "13:00", "17:00")]),
    ("FIELD", "Field hours", 540, [(range(5), "07:00", "18:00"), ([5], "08:00", "12:00")]),
    ("ALWAYS", "Round the clock", 1440, [(range(7), "00:00", "24:00")]),
]
HOLIDAYS = [
    (1, 1, "New Year"),
    (5, 1, "Labour Day"),
    (10, 3, "Day of Unity"),
    (12, 25, "Christmas Day"),
    (12, 26, "Boxing Day"),
]

INTERVALS = [
    ("WEEKLY", "Every week", "WEEK", 1),
    ("MONTHLY", "Every month", "MONTH", 1),
    ("QUARTERLY", "Every quarter", "QUARTER", 1),
    ("HALFYEAR", "Every six months", "MONTH", 6),
    ("YEARLY", "Every year", "YEAR", 1),
]
WINDOWS = [
    ("WEEK", "Same week", "WEEK", 0, 0),
    ("MONTH", "Same month", "MONTH", 0, 0),
    ("PM3", "Three days before or after", "MANUAL", 3, 3),
]
TEMPLATE_GROUPS = [("STANDARD", "Standard contracts")]
TASK_COLUMNS = ["code", "description", "note_internal", "note_external", "planned_minutes"]
TASKS = [
    (
        "INSPECT",
        "Yearly inspection",
        "Follow the maker's checklist; photograph every defect.",
        "Inspection following the maker's checklist.",
        120,
    ),
    (
        "FILTER",
        "Filter change",
        "Filters lie in the van, size on the object's plate. Take the old ones along.",
        "Filters changed and old ones disposed of.",
        60,
    ),
    ("SAFETY", "Safety check", "Two people where the shaft is open.", "Safety devices checked.", 90),
    ("REPAIR", "Repair", "Call the customer half an hour before.", "Fault repaired.", 120),
    (
        "START",
        "Start-up",
        "Hand over the manual and get it signed.",
        "Put into service and handed over.",
        240,
    ),
    ("CLEAN", "Cleaning", "Isolate first.", "Heat exchanger cleaned.", 90),
]

# code, description, days, hours, calendar
SLAS = [
    ("GOLD8", "Gold: done within 8 working hours", 0, 8, "FIELD"),
    ("SILVER2D", "Silver: done within 2 working days", 2, 0, "OFFICE"),
    ("BRONZE5D", "Bronze: done within 5 working days", 5, 0, "OFFICE"),
    ("EMERG4", "Emergency: done within 4 hours, day and night", 0, 4, ""),
]
AGREEMENT_GROUPS = [
    ("GOLD", "Gold", "GOLD8"),
    ("SILVER", "Silver", "SILVER2D"),
    ("BRONZE", "Bronze", "BRONZE5D"),
]
OBJECT_GROUPS = [
    ("HVAC", "Heating, ventilation, cooling", ""),
    ("LIFT", "Lifts", "EMERG4"),
    ("DOOR", "Doors and gates", ""),
    ("POWER", "Emergency power", ""),
    ("EXCAVATOR", "Excavator", ""),
]

STAGE_FLAGS = [
    "can_delete",
    "can_modify",
    "can_cancel",
    "can_sign_off",
    "can_transfer",
    "close_time_log",
    "give_reason",
]
# code, description, parent, phase, flags (specification C.5)
STAGES = [
    ("PLANNING", "Planning", "", "NEW", "can_delete can_modify can_cancel"),
    ("INPROCESS", "In process", "PLANNING", "WORKING", "can_modify can_cancel can_sign_off"),
    ("ONHOLD", "On hold", "INPROCESS", "PAUSED", "can_cancel close_time_log give_reason"),
    ("COMPLETED", "Completed", "INPROCESS", "DONE", "can_sign_off can_transfer close_time_log"),
    ("CANCEL", "Cancel", "PLANNING", "CANCELLED", "can_delete can_cancel close_time_log give_reason"),
    ("CANCEL2", "Cancel", "INPROCESS", "CANCELLED", "can_delete can_cancel close_time_log give_reason"),
]
REASONS = [
    ("PARTS", "Waiting for parts"),
    ("ACCESS", "No access"),
    ("CUSTOMER", "Customer's wish"),
    ("WEATHER", "Weather"),
    ("TRAFFIC", "Traffic"),
    ("DOUBLE", "Entered twice"),
]
CONDITIONS = [
    ("ALWAYS", "Always"),
    ("COLD", "When cold"),
    ("LOAD", "Under load"),
    ("LONGUSE", "Fails after extended use"),
    ("SOMETIMES", "From time to time"),
]
SYMPTOM_AREAS = [
    ("COOL", "Cooling"),
    ("DRIVE", "Drive"),
    ("CONTROL", "Control"),
    ("HYDRAULIC", "Hydraulics"),
    ("HDD", "Hard drive"),
]
SYMPTOMS = [
    ("COOL", "NOCOLD", "Does not cool"),
    ("COOL", "LEAK", "Loses refrigerant"),
    ("DRIVE", "NOISE", "Makes noise"),
    ("DRIVE", "STUCK", "Does not move"),
    ("CONTROL", "ALARM", "Shows an alarm"),
    ("CONTROL", "DEAD", "Display stays dark"),
    ("HYDRAULIC", "OIL", "Loses oil"),
    ("HDD", "BLUE", "Blue screen"),
]
DIAGNOSIS_AREAS = [
    ("WEAR", "Wear"),
    ("DEFECT", "Defective part"),
    ("SETTING", "Setting"),
    ("MISUSE", "Misuse"),
]
DIAGNOSES = [
    ("WEAR", "BEARING", "Bearing worn"),
    ("WEAR", "SEAL", "Seal worn"),
    ("DEFECT", "BOARD", "Circuit board defective"),
    ("DEFECT", "SENSOR", "Sensor defective"),
    ("DEFECT", "VIDEO", "New video card installed"),
    ("SETTING", "PARAM", "Parameter wrong"),
    ("MISUSE", "OVERLOAD", "Overloaded"),
]
RESOLUTIONS = [
    ("REPLACED", "Replaced"),
    ("REPAIRED", "Repaired"),
    ("ADJUSTED", "Adjusted"),
    ("CLEANED", "Cleaned"),
    ("NOFAULT", "No fault found"),
]
REPAIR_STAGES = [("OPEN", "Open", False), ("WAIT", "Waiting for parts", False), ("DONE", "Finished", True)]
