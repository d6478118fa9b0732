"""Numbers that others gave out and whose check digits tell a slip of the pen."""

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from stdnum import bic, iban
from stdnum.eu import vat


def vat_number(value: str) -> None:
    """One of the EU, by its first two letters, needs its check digits, others are any text. Raises ValidationError."""
    if value[:2].lower() in {*vat.MEMBER_STATES, "el"} and not vat.is_valid(value):
        raise ValidationError(
            _("“%(number)s” is no VAT number: look at its digits again."), params={"number": value}
        )


def iban_number(value: str) -> None:
    """An IBAN, with or without blanks. Raises ValidationError."""
    if not iban.is_valid(value):
        raise ValidationError(
            _("“%(number)s” is no IBAN: look at its digits again."), params={"number": value}
        )


def bic_code(value: str) -> None:
    """The code of a bank, eight or eleven letters and digits. Raises ValidationError."""
    if not bic.is_valid(value):
        raise ValidationError(
            _("“%(code)s” is no BIC: it has eight or eleven letters and digits."), params={"code": value}
        )
