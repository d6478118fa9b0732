"""Reads about signatures."""

import json
from dataclasses import dataclass

from django.db.models import QuerySet

from agreements.models import AgreementSignature, ServiceAgreement

from .terms import differences, terms_of


@dataclass(frozen=True, slots=True)
class Standing:
    """The latest signature, and what of the terms is no longer as it was signed."""

    row: AgreementSignature
    changed: list[str]


def signatures(agreement: ServiceAgreement) -> QuerySet[AgreementSignature]:
    """All of them, the latest first; the newer one stands."""
    return agreement.signatures.select_related("agreement", "taken_by").order_by("-pk")


def standing(agreement: ServiceAgreement) -> Standing | None:
    """The latest signature compared with the terms as they are now; None where nobody signed."""
    row = signatures(agreement).first()
    if row is None:
        return None
    return Standing(row, differences(json.loads(row.canonical)["terms"], terms_of(agreement)))
