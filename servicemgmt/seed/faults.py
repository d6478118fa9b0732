"""What breaks in the demonstration company, and how it is coded."""

from dataclasses import dataclass

from orders.models import Condition, DiagnosisCode, RepairStage, Resolution, SymptomCode


@dataclass(frozen=True)
class Fault:
    summary: str


OF_GROUP = {
    "HVAC": [
        Fault("does not cool"),
        Fault("loses refrigerant"),
        Fault("shows alarm 42"),
        Fault("makes a grinding noise"),
        Fault("flow temperature too low"),
    ],
    "LIFT": [Fault("stops between floors"), Fault("door does not close"), Fault("display stays dark")],
    "DOOR": [Fault("does not open"), Fault("closes too fast"), Fault("sensor does not react")],
    "POWER": [Fault("battery alarm"), Fault("does not start in the weekly test")],
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
SIGNERS = ["Karin Vogt", "Peter Lorenz", "Samira Aziz", "Daniel Wright", "Olga Simon"]
