"""Signing off from the order's page."""

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from orders import operations
from servicemgmt.core.web import allow

from .opened import sign_form
from .show import find_order, reply


@require_POST
@allow("orders.sign_serviceorder")
def sign_off(request: HttpRequest, number: str) -> HttpResponse:
    """Sign with what was drawn, or with the typed name where nothing was."""
    order = find_order(request, number)
    form = sign_form(order, request.POST)

    def sign() -> None:
        now, given = timezone.now(), form.cleaned_data
        operations.sign_off(
            order.pk,
            version=given["version"],
            by=request.user,
            at=now,
            device_at=now,
            signer_name=given["signer_name"],
            signer_role=given["signer_role"],
            strokes=given["strokes"],
            is_typed=not given["strokes"],
            key=given["key"],
            reason=given.get("reason"),
        )

    return reply(request, order, sign, form=form, opened="sign", done=_("Signed off."))
