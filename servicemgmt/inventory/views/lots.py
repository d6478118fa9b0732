"""Batches and serial numbers: where they lie, and what one of them went through."""

from typing import Any
from urllib.parse import quote

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from servicemgmt.core.lists import list_page
from servicemgmt.core.web import allow, page, reachable
from servicemgmt.masterdata.queries import company

from ..lists import LOTS, MOVE_TONES
from ..models import Lot
from ..queries import lots_listed, moves_of


@require_GET
@allow("inventory.view_lotonhand")
def lots(request: HttpRequest) -> HttpResponseBase:
    return list_page(request, LOTS, lots_listed())


@require_GET
@allow("inventory.view_lotonhand")
def lot(request: HttpRequest, pk: int) -> HttpResponse:
    """The history of a batch or serial number: where it came in, what it was used for, what it is built into."""
    found = get_object_or_404(Lot.objects.select_related("item__unit"), pk=pk)
    moves = list(moves_of(found))
    context = {
        "lot": found,
        "title": found.number,
        "subtitle": str(found.item),
        "badges": [{"label": found.item.get_tracking_display(), "tone": "blue"}],
        "facts": facts_of(found),
        "side_facts": reachable(request.user, links_of(found)),
        "moves": [(move, MOVE_TONES[move.kind]) for move in moves],
        "home": company().currency,
        "number_quoted": quote(found.number),
    }
    return page(request, "inventory/lot.html", context)


def facts_of(found: Lot) -> list[tuple[Any, ...]]:
    """Where it lies now."""
    rows = found.on_hand.filter(quantity__gt=0).select_related("warehouse").order_by("warehouse__code")
    places = [f"{row.warehouse.description}: {row.quantity.normalize():f}" for row in rows]
    return [
        (_("Item"), found.item),
        (_("Where it is"), ", ".join(places) or _("Not in stock")),
        (_("Known since"), found.made_at),
    ]


def links_of(found: Lot) -> list[tuple[Any, ...]]:
    moves = f"{reverse('inventory:moves')}?item={found.item_id}"
    return [(_("All movements of the item"), found.item.number, moves)]
