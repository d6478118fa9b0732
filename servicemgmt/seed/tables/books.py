"""Accounts, taxes and what projects are billed by."""

CUSTOMER_TAX_GROUPS = [("DOMESTIC", "Domestic"), ("ABROAD", "Abroad"), ("EXEMPT", "Exempt")]

ITEM_TAX_GROUPS = [("FULL", "Full rate"), ("REDUCED", "Reduced rate")]


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
    ("1580", "Stock of parts", "ASSET"),
    ("1590", "Goods received, not invoiced", "LIABILITY"),
    ("1718", "Invoiced on account", "LIABILITY"),
    ("1776", "Output VAT", "LIABILITY"),
    ("1790", "Expense clearing", "LIABILITY"),
    ("4100", "Payroll allocated to service", "EXPENSE"),
    ("5100", "Cost of hours", "EXPENSE"),
    ("5200", "Cost of expenses", "EXPENSE"),
    ("5300", "Cost of parts", "EXPENSE"),
    ("5390", "Stock differences", "EXPENSE"),
    ("6900", "Rounding differences", "EXPENSE"),
    ("6910", "Exchange differences", "EXPENSE"),
    ("9008", "Opening items of customers", "ASSET"),
    ("8100", "Revenue: hours", "INCOME"),
    ("8200", "Revenue: expenses", "INCOME"),
    ("8300", "Revenue: parts", "INCOME"),
    ("8400", "Revenue: fees", "INCOME"),
    ("8500", "Revenue: subscriptions", "INCOME"),
    ("8600", "Reminder fees", "INCOME"),
    ("8590", "Accrued revenue – subscription", "INCOME"),
]

REMINDER_TEXTS = [
    "Perhaps it escaped your notice: the following is overdue. If you have paid meanwhile, disregard this letter.",
    "In spite of our first reminder the following is still unpaid. Please pay it within seven days.",
    "This is our last reminder. If we do not receive your payment within seven days, we will hand over our claim.",
]

# level, code, description, days overdue, fee, whether it is posted, what it is called
REMINDER_LEVELS = [
    (1, "FIRST", "Payment reminder", 3, "0", False, ""),
    (2, "SECOND", "Second reminder", 14, "5.00", True, "Reminder fee"),
    (3, "LAST", "Last reminder", 28, "10.00", True, "Reminder fee"),
]

# in the setup, on documents in German
WORDINGS = [
    ("14 days net", "14 Tage netto"),
    ("30 days net", "30 Tage netto"),
    ("Due at once", "Sofort fällig"),
    ("VAT 19 %", "Umsatzsteuer 19 %"),
    ("VAT 7 %", "Umsatzsteuer 7 %"),
    ("Exempt", "Steuerfrei"),
    ("Exempt from tax.", "Steuerfreie Leistung."),
    ("Reverse charge: the customer owes the tax.", "Steuerschuldnerschaft des Leistungsempfängers."),
    ("Payment reminder", "Zahlungserinnerung"),
    ("Second reminder", "Zweite Mahnung"),
    ("Last reminder", "Letzte Mahnung"),
    ("Reminder fee", "Mahngebühr"),
    (
        REMINDER_TEXTS[0],
        "Vielleicht ist es Ihnen entgangen: Folgendes ist überfällig. Haben Sie inzwischen gezahlt, betrachten Sie "
        "dieses Schreiben bitte als gegenstandslos.",
    ),
    (
        REMINDER_TEXTS[1],
        "Trotz unserer Zahlungserinnerung ist Folgendes noch offen. Bitte zahlen Sie innerhalb von sieben Tagen.",
    ),
    (
        REMINDER_TEXTS[2],
        "Dies ist unsere letzte Mahnung. Geht Ihre Zahlung nicht innerhalb von sieben Tagen ein, geben wir unsere "
        "Forderung ab.",
    ),
]

# code, description, account
PAYMENT_METHODS = [("TRANSFER", "Bank transfer", "1200"), ("DEBIT", "Direct debit", "1200")]

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
    ("REMINDER_FEE", "8600"),
    ("SUBSCRIPTION_REVENUE", "8500"),
    ("WIP_SUBSCRIPTION", "1480"),
    ("ACCRUED_SUBSCRIPTION", "8590"),
    ("ON_ACCOUNT", "1718"),
    ("RECEIVABLE", "1400"),
    ("TAX", "1776"),
    ("OPENING_ITEMS", "9008"),
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
