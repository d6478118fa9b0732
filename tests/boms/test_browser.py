"""The designer by hand: an item is dragged from the search onto the part that it belongs to, or to the top."""

import pytest
from playwright.sync_api import Page, expect

from tests.cast import user_in
from tests.hands import drag, grip
from tests.make_boms import make_bom, make_part, part_of

pytestmark = pytest.mark.django_db(transaction=True)


def test_TB_05_TB_07_an_item_is_dragged_in(new_page) -> None:
    bom = make_bom(4, 2)
    make_part("MOTOR")
    page: Page = new_page(user=user_in("Planner"))
    page.goto(f"/agreements/boms/{bom.pk}/")
    page.fill("input[name=q]", "MOTOR")
    found = page.locator("#palette [data-drag]")
    expect(found).to_contain_text("Part MOTOR")
    drag(page, grip(found), grip(page.locator("#parts tbody tr").first))
    expect(page.locator("#changes")).to_contain_text("BOM line added")
    assert part_of(bom, "MOTOR").parent_id == part_of(bom, "P1").pk
    page.goto(f"/agreements/boms/{bom.pk}/?q=MOTOR")
    page.get_by_role("button", name="Add Part MOTOR").press("Enter")
    expect(page.locator("#parts tbody tr")).to_have_count(4)
    assert bom.lines.filter(item__number="MOTOR", parent=None, quantity=1).exists()
