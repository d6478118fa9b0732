"""The company itself: name, numbers, money, units, skills and when it works."""

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
    ("template_bom", "Template BOMs", "TB-", 4, False),
    ("bom_change", "BOM history lines", "BC-", 6, False),
    ("request", "Service requests", "SR-", 5, False),
    ("order", "Service orders", "SO-", 6, False),
    ("imported_order", "Imported history", "HI-", 6, False),
    ("subscription", "Subscriptions", "SUB-", 5, False),
    ("proposal", "Invoice proposals", "IP-", 5, False),
    ("voucher", "Vouchers", "V-", 6, True),
    ("invoice", "Invoices", "INV-", 5, True),
    ("credit_note", "Credit notes", "CN-", 5, True),
    ("payment", "Payments", "PAY-", 5, True),
    ("reminder", "Reminders", "RM-", 5, False),
]

# The company sells in euro and pound; the dollar is for the history that can be imported.
CURRENCIES = [
    ("EUR", "Euro", 2),
    ("GBP", "Pound sterling", 2),
    ("AUD", "Australian dollar", 2),
]

RATES = [("GBP", "1.148000000"), ("AUD", "0.562000000")]

UNITS = [("H", "Hour", 2), ("PC", "Piece", 0), ("KM", "Kilometre", 0), ("L", "Litre", 2), ("M", "Metre", 2)]

PAYMENT_TERMS = [("N14", "14 days net", 14), ("N30", "30 days net", 30), ("NOW", "Due at once", 0)]

SKILLS = [
    ("ELEC", "Electrician"),
    ("REFRIG", "Refrigerants, category I"),
    ("LIFT", "Lift inspection"),
    ("GAS", "Gas installation"),
    ("HEIGHT", "Work at height"),
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
