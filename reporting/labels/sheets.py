"""The sheets of labels that shops sell, by what the pack says. Their measures stand in `css/labels.css`."""

from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from servicemgmt.core.errors import Sentence


@dataclass(frozen=True, slots=True)
class Sheet:
    """An A4 sheet of equal labels. `code` names its rules in the style sheet."""

    code: str
    label: Sentence
    columns: int
    rows: int

    @property
    def labels(self) -> int:
        """How many are on one sheet."""
        return self.columns * self.rows


SHEETS = {
    sheet.code: sheet
    for sheet in (
        Sheet("63x38", _("21 labels, 63.5 × 38.1 mm"), 3, 7),
        Sheet("70x37", _("24 labels, 70 × 37 mm"), 3, 8),
        Sheet("99x38", _("14 labels, 99.1 × 38.1 mm"), 2, 7),
        Sheet("99x68", _("8 labels, 99.1 × 67.7 mm"), 2, 4),
    )
}


def pages[Row](rows: list[Row], sheet: Sheet, start: int) -> list[list[Row | None]]:
    """The rows as sheets of labels, the first `start` − 1 places of the first sheet left free (used before)."""
    places: list[Row | None] = [*([None] * (start - 1)), *rows]
    return [places[at : at + sheet.labels] for at in range(0, len(places), sheet.labels)]
