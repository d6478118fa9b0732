"""The one story through the whole product, by hand in a browser: agreement → visit → sign-off → posted invoice."""

import pytest

from . import dispatcher, finance, planner, subscriptions, technician

pytestmark = [pytest.mark.thread, pytest.mark.long]


def test_from_agreement_to_posted_invoice(company, new_page, console, celery_worker_process):
    console.expect("status of 409")  # the browser's own line about what was refused

    pia = new_page(user=company.user("Planner"))
    planner.makes_agreement(pia, company)
    visit, *later = planner.makes_visits(pia, company)

    ann = new_page(user=company.user("Dispatcher"), **dispatcher.DESK)
    call = dispatcher.takes_call(ann, company)
    deadline = dispatcher.sees_deadline(ann, call)
    assert visit in dispatcher.prints_description(ann, visit)
    dispatcher.opens_board(ann)
    dispatcher.sees_in_tray(ann, call, deadline)
    dispatcher.drags(ann, visit, "Bo Lindqvist", 10, 12)
    dispatcher.drags(ann, call, "Elif Yılmaz", 10, 11)

    max_ = new_page(user=company.user("Manager"), **dispatcher.DESK)
    dispatcher.opens_board(max_)
    for page in (ann, max_):
        dispatcher.searches(page, company.customer.name)
    page, order = dispatcher.want_the_same_time([ann, max_], later[:2], "Tim Schulz", 14)
    dispatcher.schedules(page, order, "Tim Schulz", "14:00", "16:30")

    bo = new_page(user=company.user("Technician"), **technician.TABLET)
    technician.opens_job(bo, company.customer.name)
    technician.works(bo)
    technician.writes_down(bo)
    technician.has_it_signed(bo, "Petra Sommer")
    technician.forgot_something(bo)
    technician.has_it_signed(bo, "Petra Sommer")
    receipt = technician.hands_over(bo)
    for words in (visit, "V-belt XPZ 1250", "Makes noise", "Bearing worn", "Petra Sommer · Caretaker"):
        assert words in receipt

    cleo = new_page(user=company.user("Finance"))
    finance.posts_order(cleo, visit, lines=6)
    finance.invoices_work(cleo)
    finance.sees_margin(cleo, visit)

    subscriptions.makes_subscription(cleo, company)
    subscriptions.runs_fees(cleo, company)
    subscriptions.runs_fees_again(cleo, company)
    subscriptions.invoices_fees(cleo)
    for name in subscriptions.REPORTS:
        subscriptions.reads_report(cleo, name)
