"""Units of items: a quantity of an item is in the item's own unit, as nothing converts between two."""

from django.utils.translation import gettext as _

from servicemgmt.core.errors import Invalid

from .models import Item, Unit


def unit_of(item: Item, given: Unit | None, *, field: str = "unit") -> Unit:
    """The item's unit. Raises Invalid at `field`, naming it, where another is given: stock and prices are in it."""
    if given is not None and given.pk != item.unit_id:
        raise Invalid(
            _("%(item)s is kept in %(unit)s; enter how many of those.")
            % {"item": item, "unit": item.unit.description},
            field=field,
        )
    return given or item.unit
