"""A quote before it is an agreement: nothing is made, charged or promised from it, and what the customer says to it."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.db import DatabaseError, transaction
from django.test import Client

from agreements import operations
from agreements.models import AgreementStatus, Renewal, ServiceAgreement
from agreements.quoting.operations import agree, decline, offer_again
from agreements.quoting.rules import is_expired
from agreements.renewal.operations import give_notice, renew
from orders.models import ServiceOrder
from orders.queries.agreements import running_agreements
from servicemgmt.core.errors import Invalid, Refused, Stale, constraint_of
from tests import make_money
from tests.agreements.ask import events, header, refused_field, url
from tests.cast import stranger
from tests.make_agreements import make_agreement, make_line, make_project, make_sequences, make_template_group
from tests.make_orders import make_order
from tests.make_subscriptions import make_subscription

pytestmark = pytest.mark.django_db

MARCH, MAY = date(2026, 3, 31), date(2026, 5, 1)


def quote(description: str = "Lift care", **fields: Any) -> ServiceAgreement:
    """A quote over 2026 that stands until the end of March."""
    return make_agreement(description, **({"status": AgreementStatus.QUOTE, "quoted_until": MARCH} | fields))


def test_a_quote_is_declined_offered_again_and_agreed_each_with_a_trace() -> None:
    found = quote()
    with pytest.raises(Refused, match="stood until"):
        agree(found.pk, on=MAY, today=MAY, how="By phone", version=1, by=None)
    with pytest.raises(Invalid) as refusal:
        agree(found.pk, on=MAY, today=MARCH, how="By phone", version=1, by=None)
    assert refused_field(refusal) == "on"
    for said in ({"how": " "}, {"how": ""}):
        with pytest.raises(Invalid) as refusal:
            agree(found.pk, on=MARCH, today=MAY, version=1, by=None, **said)
        assert refused_field(refusal) == "how"
    with pytest.raises(Stale):
        decline(found.pk, on=MARCH, today=MARCH, reason="Too dear", version=7, by=None)
    found = decline(found.pk, on=MARCH, today=MARCH, reason="Too dear", version=1, by=None)
    assert (found.status, found.decision) == (AgreementStatus.DECLINED, "Too dear")
    with pytest.raises(Refused, match="offer it again"):
        agree(found.pk, on=MARCH, today=MARCH, how="After all", version=2, by=None)
    with pytest.raises(Invalid) as refusal:
        offer_again(found.pk, until=MARCH, today=MAY, version=2, by=None)
    assert refused_field(refusal) == "until"
    found = offer_again(found.pk, until=MAY, today=MARCH, version=2, by=None)
    assert (found.status, found.decided_on, found.decision) == (AgreementStatus.QUOTE, None, "")
    found = agree(found.pk, on=MAY, today=MAY, how="Ms Huber, by e-mail", version=3, by=None)
    assert found.is_agreed and (found.decided_on, found.decision) == (MAY, "Ms Huber, by e-mail")
    assert events(found) == ["created", "declined", "offered", "agreed"]
    for refused in (
        lambda: agree(found.pk, on=MAY, today=MAY, how="Again", version=4, by=None),
        lambda: decline(found.pk, on=MAY, today=MAY, reason="No", version=4, by=None),
        lambda: offer_again(found.pk, until=None, today=MAY, version=4, by=None),
    ):
        with pytest.raises(Refused, match="agreed already"):
            refused()


REFUSED: list[Callable[[ServiceAgreement], object]] = [
    lambda row: make_order(agreement=row),
    lambda row: make_subscription(agreement=row, project=row.project),
    lambda row: operations.suspend(row.pk, reason="Unpaid", version=2, by=None),
    lambda row: operations.end(row.pk, on=MAY, reason="Sold", version=2, by=None),
    lambda row: give_notice(row.pk, on=MARCH, reason="Sold", version=2, by=None),
    lambda row: renew([row.pk], by=None),
]


def test_AG_05_nothing_is_made_charged_or_promised_from_a_quote_until_it_is_agreed() -> None:
    found = quote(renewal=Renewal.MANUAL, term_months=12)
    make_line(found)
    for refused in REFUSED:
        with transaction.atomic(), pytest.raises(Refused, match="is a quote"):
            refused(found)
    assert not running_agreements(found.customer, MARCH) and not ServiceAgreement.objects.contracts()
    found = agree(found.pk, on=MARCH, today=MARCH, how="By phone", version=2, by=None)
    assert list(running_agreements(found.customer, MARCH)) == [found]
    make_order(agreement=found)


def test_the_database_keeps_orders_and_subscriptions_off_quotes_and_what_is_agreed_agreed() -> None:
    project = make_project()
    good, found = make_agreement(project=project), quote(project=project)
    order = make_order(agreement=good)
    subscription = make_subscription(agreement=good, project=project)

    def copied() -> None:
        order.pk, order.number, order.agreement = None, "SO-X", found
        order.save(force_insert=True)

    tries: dict[str, Callable[[], object]] = {
        "order_of_agreed_agreement": copied,
        "order_of_agreed_agreement_changed": lambda: ServiceOrder.objects.update(agreement=found),
        "subscription_of_agreed_agreement_changed": lambda: type(subscription).objects.update(
            agreement=found
        ),
        "agreement_stays_agreed": lambda: ServiceAgreement.objects.filter(pk=good.pk).update(status="QUOTE"),
        "agreement_status_known": lambda: ServiceAgreement.objects.filter(pk=found.pk).update(
            status="X", decided_on=MARCH, decision="?"
        ),
        "agreement_decided_with_day_and_words": lambda: ServiceAgreement.objects.filter(pk=found.pk).update(
            status="DECLINED"
        ),
        "agreement_quote_is_not_in_force": lambda: ServiceAgreement.objects.filter(pk=found.pk).update(
            suspended=True
        ),
    }
    for name, attempt in tries.items():
        with pytest.raises(DatabaseError) as broken, transaction.atomic():
            attempt()
        assert constraint_of(broken.value) == name
    with pytest.raises(Invalid, match="template"):
        quote("Model", template_group=make_template_group())


def test_the_last_day_of_a_quote_counts() -> None:
    assert [is_expired("QUOTE", MARCH, day) for day in (MARCH, date(2026, 4, 1))] == [False, True]
    assert not is_expired("QUOTE", None, MAY) and not is_expired("AGREED", MARCH, MAY)


def test_a_quote_is_made_shown_and_decided_on_its_pages(pia: Client) -> None:
    make_money.firm()
    make_sequences()
    wrong = pia.post(url("agreement_new"), header(quoted_until="2099-12-31"))
    assert wrong.status_code == 422 and "tick “As a quote”" in wrong.text
    pia.post(url("agreement_new"), header(as_quote="on", quoted_until="2099-12-31"))
    found = ServiceAgreement.objects.get()
    number = found.number
    assert found.status == AgreementStatus.QUOTE and found.made_by
    page = pia.get(url("agreement", number)).text
    assert "before the customer agrees" in page and "Plan visits" not in page and "Suspend" not in page
    assert number in pia.get(url("agreements") + "?tab=quotes").text
    assert number not in pia.get(url("agreements") + "?tab=running").text
    listed = pia.get(url("agreements") + "?tab=all&status=QUOTE&format=csv").getvalue().decode()
    assert "Quote" in listed and "2099-12-31" in listed
    edit = pia.get(url("agreement_edit", number)).text
    assert "quoted_until" in edit and "as_quote" not in edit
    assert f"{number} is a quote" in pia.get(url("agreement_suspend", number), follow=True).text
    for name in ("agreement_agree", "agreement_decline", "agreement_offer"):
        assert pia.get(url(name, number)).status_code == 200
        assert pia.post(url(name, number), {"version": ""}).status_code == 422
        assert pia.put(url(name, number)).status_code == 405
    no = pia.post(
        url("agreement_decline", number),
        {"version": 1, "on": "2026-03-01", "reason": "Too dear"},
        follow=True,
    )
    assert "Too dear" in no.text and number in pia.get(url("agreements") + "?tab=declined").text
    late = pia.post(url("agreement_agree", number), {"version": 2, "on": "2026-03-01", "how": "By phone"})
    assert late.status_code == 409 and "offer it again" in late.text
    pia.post(url("agreement_offer", number), {"version": 2, "until": ""})
    yes = pia.post(
        url("agreement_agree", number), {"version": 3, "on": "2026-03-02", "how": "By phone"}, follow=True
    )
    assert "Plan visits" in yes.text and "By phone" in yes.text
    for name in ("agreement_agree", "agreement_decline", "agreement_offer"):
        assert "is agreed already" in pia.get(url(name, number), follow=True).text
    assert events(found) == ["created", "declined", "offered", "agreed"]
    pia.force_login(stranger())
    assert pia.get(url("agreement_agree", number)).status_code == 403
