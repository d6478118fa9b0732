from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.http import require_GET

from ..search import SEARCHABLE, find, result
from ..web import Request, allow


@require_GET
@allow()
def search(request: Request) -> HttpResponse:
    """`?model=masterdata.customer&q=…` → {"results": [{"id", "text"}]}, at most twenty. Further parameters narrow."""
    entry = SEARCHABLE.get(request.GET.get("model", ""))
    if entry is None:
        raise Http404
    if not entry.is_for(request.user):
        raise PermissionDenied
    narrow = {name: value for name, value in request.GET.dict().items() if name not in ("model", "q")}
    rows = find(entry, request.user, request.GET.get("q", ""), on=timezone.localdate(), narrow=narrow)
    return JsonResponse({"results": [result(entry, row) for row in rows]})
