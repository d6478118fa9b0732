"""What documents print of the company and of people, as plain values that can be frozen with what they stand on."""

from django.conf import settings

from servicemgmt.core.languages import spoken

from .models import Company, Customer

ADDRESS = ["name", "street", "postal_code", "city", "country", "tax_number"]
LETTERHEAD = ["phone", "email", "website", "bank_name", "iban", "bic", "language", "page_size"]


def letterhead(firm: Company) -> dict[str, str]:
    """The company as its letters show it today."""
    return {name: getattr(firm, name) for name in ADDRESS + LETTERHEAD} | {"currency": firm.currency.code}


def addressee(customer: Customer) -> dict[str, str]:
    """The customer as a letter to him shows him today."""
    return {name: getattr(customer, name) for name in ["number", "email", *ADDRESS]}


def worded(firm: Company, text: str, language: str) -> str:
    """A text of the setup as a document in that language says it, where that is written down; else as it is."""
    said = spoken(language)
    if said == settings.LANGUAGE_CODE:
        return text
    return firm.wordings.get((said, " ".join(text.split())), text)
