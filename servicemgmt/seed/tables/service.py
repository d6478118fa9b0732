"""What service work is described by: tasks, intervals, SLAs, stages, faults."""

ACTIVITY_TYPES = [
    ("VISIT", "Visit"),
    ("INSPECT", "Inspection"),
    ("REPAIR", "Repair"),
    ("INSTALL", "Installation"),
]

#: By rule where it says so: which weekday of the month, in which months.
ALWAYS = (None, None, None, None)
INTERVALS = [
    ("WEEKLY", "Every week", "WEEK", 1, *ALWAYS),
    ("FORTNIGHT", "Every two weeks", "WEEK", 2, *ALWAYS),
    ("MONTHLY", "Every month", "MONTH", 1, *ALWAYS),
    ("QUARTERLY", "Every quarter", "QUARTER", 1, *ALWAYS),
    ("HALFYEAR", "Every six months", "MONTH", 6, *ALWAYS),
    ("YEARLY", "Every year", "YEAR", 1, *ALWAYS),
    ("SUMMER", "Second Tuesday of the month, April to October", "MONTH", 1, 2, 1, 4, 10),
]

WINDOWS = [
    ("WEEK", "Same week", "WEEK", 0, 0),
    ("MONTH", "Same month", "MONTH", 0, 0),
    ("PM3", "Three days before or after", "MANUAL", 3, 3),
]

TEMPLATE_GROUPS = [("STANDARD", "Standard contracts")]

# code, description, for the technician, for the customer, minutes, skill
TASKS = [
    (
        "INSPECT",
        "Inspection",
        "Follow the maker's checklist; photograph every defect.",
        "Inspection following the maker's checklist.",
        120,
        "",
    ),
    (
        "FILTER",
        "Filter change",
        "Filters lie in the van, size on the object's plate. Take the old ones along.",
        "Filters changed and old ones disposed of.",
        60,
        "",
    ),
    (
        "SAFETY",
        "Safety check",
        "Two people where the shaft is open.",
        "Safety devices checked.",
        90,
        "HEIGHT",
    ),
    ("REPAIR", "Repair", "Call the customer half an hour before.", "Fault repaired.", 120, ""),
    (
        "START",
        "Start-up",
        "Hand over the manual and get it signed.",
        "Put into service and handed over.",
        240,
        "",
    ),
    ("CLEAN", "Cleaning", "Isolate first.", "Heat exchanger cleaned.", 90, ""),
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
