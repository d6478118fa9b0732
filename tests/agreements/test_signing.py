"""The document of an agreement, and the signature under it: drawn or on paper, for exactly what was shown."""

import json
from copy import deepcopy
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DatabaseError, transaction
from django.test import Client
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from agreements import operations
from agreements.models import AgreementSignature, AgreementStatus, Renewal, ServiceAgreement
from agreements.quoting.operations import decline
from agreements.quoting.queries import standing
from agreements.quoting.signing import sign
from agreements.quoting.terms import differences
from reporting.documents.archive import keep_agreement
from servicemgmt.core.canonical import sha256_of
from servicemgmt.core.documents import content_of
from servicemgmt.core.errors import Invalid, Refused, constraint_of
from servicemgmt.core.mail import document_of
from servicemgmt.core.models import Outbox
from servicemgmt.masterdata.models import Company, Customer
from tests.agreements.ask import events, refused_field, url
from tests.cast import stranger
from tests.documents.make import pages_of
from tests.make_agreements import make_agreement, make_line, make_sla, make_template_group

MARCH, MAY = date(2026, 3, 31), date(2026, 5, 1)
STROKES = [[[1, 1, 0], [5, 9, 10]], [[9, 1, 20], [4, 4, 30]]]


def quote(**fields: Any) -> ServiceAgreement:
    """A quote over 2026 with a line for 92 and one whose price is looked up."""
    found = make_agreement("Lift care", **({"status": AgreementStatus.QUOTE} | fields))
    make_line(found, description="Inspection", sales_price=Decimal(92), quantity=Decimal("2.5"))
    make_line(found, description="Grease as needed")
    found.refresh_from_db()
    return found


def signed(found: ServiceAgreement, **fields: Any) -> AgreementSignature:
    """Signed by Ms Huber on the last of March, drawn."""
    given = {"on": MARCH, "today": MAY, "signer_name": "Ms Huber", "signer_role": "Owner", "strokes": STROKES}
    return sign(found.pk, **(given | {"version": found.version, "by": None} | fields))


LINE = st.fixed_dictionaries({"line": st.integers(1, 3), "price": st.sampled_from(["", "9"])})
TERMS = st.fixed_dictionaries(
    {
        "end": st.sampled_from(["", "2026-12-31"]),
        "notice_days": st.integers(0, 2),
        "lines": st.lists(LINE, unique_by=lambda line: line["line"]),
    }
)


@given(TERMS, TERMS)
def test_terms_differ_in_words_exactly_where_they_differ(then: dict[str, Any], now: dict[str, Any]) -> None:
    def facts(form: dict[str, Any]) -> dict[Any, Any]:
        lines = {f"line {line['line']}": line for line in form["lines"]}
        return {"the last day": form["end"], "the notice": form["notice_days"]} | lines

    one, other = facts(then), facts(now)
    wrong = {name for name in one.keys() | other.keys() if one.get(name) != other.get(name)}
    found = {text.removesuffix(" is gone").removesuffix(" is new") for text in differences(then, now)}
    assert found == wrong and differences(then, deepcopy(then)) == []


@pytest.mark.django_db
def test_a_signature_agrees_to_a_quote_and_stands_until_its_terms_change() -> None:
    found = quote(quoted_until=MARCH)
    for wrong, field in (
        ({"on": MAY, "today": MARCH}, "on"),
        ({"signer_name": " "}, "signer_name"),
        ({"strokes": None}, "document"),
        ({"strokes": [[1]]}, "strokes"),
        ({"document": b"GIF"}, "document"),
    ):
        with transaction.atomic(), pytest.raises(Invalid) as refusal:
            signed(found, **wrong)
        assert refused_field(refusal) == field
    with pytest.raises(Refused, match="stood until"):
        signed(found, on=MAY)
    row = signed(found)
    found.refresh_from_db()
    assert found.is_agreed and (found.decided_on, found.decision) == (MARCH, "Signed by Ms Huber")
    assert row.sha256 == sha256_of(row.canonical) and json.loads(row.canonical)["terms"]["lines"]
    assert events(found)[-2:] == ["agreed", "signed"]
    with pytest.raises(Refused, match="signed as it is"):
        signed(found)
    line = found.lines.order_by("line_number")[0]
    operations.change_line(line.pk, version=line.version, by=None, sales_price=Decimal(99))
    operations.stop_line(found.lines.get(line_number=2).pk, reason="No", version=1, by=None)
    latest = standing(found)
    assert latest and latest.changed == ["line 1", "line 2 is gone"]
    found.refresh_from_db()
    again = signed(found, document=b"%PDF-1.7 scanned", strokes=None)
    latest = standing(found)
    assert latest and latest.row == again and latest.changed == [] and again.is_uploaded
    kept = keep_agreement(again.pk)
    assert kept and content_of(kept) == b"%PDF-1.7 scanned"
    with pytest.raises(Refused, match="used by signature"):
        operations.delete_agreement(found.pk, version=found.version + 1, by=None)


@pytest.mark.django_db
def test_who_cannot_sign_reads_why() -> None:
    with pytest.raises(Refused, match="template"):
        signed(make_agreement("Model", template_group=make_template_group()))
    empty = make_agreement("Empty", status=AgreementStatus.QUOTE)
    with pytest.raises(Refused, match="no line"):
        signed(empty)
    empty = decline(empty.pk, on=MARCH, today=MARCH, reason="No", version=1, by=None)
    with pytest.raises(Refused, match="offer it again"):
        signed(empty)


@pytest.mark.django_db
def test_the_database_keeps_signatures_as_they_were() -> None:
    row = signed(quote())
    rows = AgreementSignature.objects.filter(pk=row.pk)
    for attempt in (lambda: rows.update(signer_name="Else"), lambda: rows._raw_delete("default")):
        with pytest.raises(DatabaseError) as broken, transaction.atomic():
            attempt()
        assert constraint_of(broken.value) == "agreementsignature_frozen"
    row.pk, row.strokes = None, []
    with pytest.raises(DatabaseError) as broken, transaction.atomic():
        row.save(force_insert=True)
    assert constraint_of(broken.value) == "agreementsignature_drawn_or_uploaded"


@pytest.mark.django_db
def test_the_document_says_what_is_agreed_and_stays_as_it_was_signed(pia: Client) -> None:
    found = quote(
        sla=make_sla("8H", response_minutes=90),
        renewal=Renewal.AUTOMATIC,
        term_months=12,
        notice_days=90,
        quoted_until=MAY,
    )
    paper = pia.get(reverse("reporting:agreement_document", args=[found.number]), {"format": "html"}).text
    for text in (
        "Quote",
        "Huber",
        "Inspection",
        "Every 1 month",
        "2.5",
        "92",
        "230.00",
        "90 days before the end",
    ):
        assert text in paper, text
    for text in ("within 90 minutes", "8 hours", "renewed by 12 months", "Place and date"):
        assert text in " ".join(paper.split()), text
    row = signed(found)
    line = found.lines.order_by("line_number")[0]
    operations.change_line(line.pk, version=1, by=None, sales_price=Decimal(777))
    Company.objects.update(name="Sold Ltd")
    Customer.objects.update(name="Moved AG")
    kept = keep_agreement(row.pk)
    address = reverse("reporting:signed_agreement", args=[found.number, row.pk])
    answer = pia.get(address)
    assert kept and answer.content == content_of(kept) and kept.sha256 in answer["ETag"]
    said = " ".join(pages_of(answer.content))
    assert "Ms Huber" in said and "92" in said and row.sha256 in said.replace(" ", "")
    assert "777" not in said and "Moved AG" not in said and "Sold Ltd" not in said
    paper = pia.get(reverse("reporting:agreement_document", args=[found.number]), {"format": "html"})
    assert "777" in paper.text
    pia.force_login(stranger())
    assert pia.get(address).status_code == 403


@pytest.mark.django_db
def test_the_document_goes_out_by_mail_and_what_was_sent_is_kept(pia: Client) -> None:
    found = quote(quoted_until=date(2099, 1, 1))
    page = reverse("reporting:send_agreement", args=[found.number])
    assert pia.get(page).status_code == 200
    assert pia.post(page, {"version": found.version, "recipient": "nobody"}).status_code == 422
    pia.post(page, {"version": found.version, "recipient": "huber@example.com"})
    mail = Outbox.objects.get()
    assert mail.recipient == "huber@example.com" and f"Quote {found.number}" in mail.title
    said = " ".join(pages_of(content_of(document_of(mail))))
    assert "Inspection" in said and events(found)[-2:] == ["document_kept", "document_sent"]
    decline(found.pk, on=MARCH, today=MARCH, reason="No", version=found.version, by=None)
    late = pia.post(page, {"version": found.version + 1, "recipient": "huber@example.com"})
    assert late.status_code == 409 and "offer it again" in late.text
    assert pia.put(page).status_code == 405
    pia.force_login(stranger())
    assert pia.get(page).status_code == 403


@pytest.mark.django_db
def test_signing_on_the_page(pia: Client) -> None:
    found = quote()
    page = url("agreement_sign", found.number)
    given = {"version": found.version, "on": "2026-03-31", "signer_name": "Ms Huber", "strokes": ""}
    shown = pia.get(page).text
    assert "signature-pad" in shown and "Draw the signature" in shown
    nothing = pia.post(page, given)
    assert nothing.status_code == 422 and "Draw the signature, or add" in nothing.text
    picture = SimpleUploadedFile("scan.pdf", b"GIF89a", content_type="application/pdf")
    assert "This is no PDF" in pia.post(page, given | {"document": picture}).text
    done = pia.post(page, given | {"strokes": json.dumps(STROKES)}, follow=True).text
    assert "Stands" in done and "Document as signed" in done and found.number in done
    late = pia.post(page, given | {"strokes": json.dumps(STROKES)})
    assert late.status_code == 409
    assert "signed as it is" in pia.get(page).text
    line = found.lines.order_by("line_number")[0]
    operations.change_line(line.pk, version=1, by=None, sales_price=Decimal(99))
    assert "No longer as signed" in pia.get(url("agreement", found.number)).text
    pia.force_login(stranger())
    assert pia.get(page).status_code == 403 and pia.put(page).status_code == 405
