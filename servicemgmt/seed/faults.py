"""What breaks in the demonstration company, and how it is coded."""

from orders.models import Condition, DiagnosisCode, RepairStage, Resolution, SymptomCode

#: What customers report, by the group of the object.
OF_GROUP = {
    "HVAC": [
        "does not start",
        "switches itself off",
        "shows alarm 42",
        "makes a grinding noise",
        "temperature is not reached",
    ],
    "LIFT": ["stops between floors", "door does not close", "display stays dark"],
    "DOOR": ["does not open", "closes too fast", "sensor does not react"],
    "POWER": ["battery alarm", "does not start in the weekly test"],
}
#: Repair codings seen in practice: (field, model, code) each.
CODED = [
    [("condition", Condition, condition), ("symptom", SymptomCode, symptom), ("diagnosis", DiagnosisCode, diagnosis),
     ("resolution", Resolution, resolution), ("stage", RepairStage, "DONE")]
    for condition, symptom, diagnosis, resolution in [
        ("LONGUSE", "BLUE", "VIDEO", "REPLACED"),
        ("ALWAYS", "NOCOLD", "SENSOR", "REPLACED"),
        ("LOAD", "NOISE", "BEARING", "REPLACED"),
        ("LOAD", "NOISE", "BEARING", "REPAIRED"),
        ("SOMETIMES", "ALARM", "PARAM", "ADJUSTED"),
        ("ALWAYS", "DEAD", "BOARD", "REPLACED"),
        ("COLD", "LEAK", "SEAL", "REPAIRED"),
        ("SOMETIMES", "ALARM", "SENSOR", "CLEANED"),
    ]
]  # fmt: skip
#: A hand-written name, stroke by stroke.
SIGNATURE = [
    [[12, 60], [20, 30], [28, 58], [36, 28], [44, 60]],
    [[52, 50], [60, 42], [66, 54], [74, 40], [86, 56], [120, 44]],
]
