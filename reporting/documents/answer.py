"""How a document is answered: as PDF to look at, or as a page to print, which needs no library at all."""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import translation
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _

from reporting.pdf import PdfUnavailable, render_pdf
from servicemgmt.core.documents import content_of
from servicemgmt.core.errors import Refused
from servicemgmt.core.languages import spoken
from servicemgmt.core.models import Attachment


def answer(request: HttpRequest, template: str, context: dict[str, Any], *, name: str) -> HttpResponse:
    """The document in its own language (`language` of the context), as `?format=` asks: PDF, else html.

    Where PDFs cannot be made here, a page says why and leads to the print view (503).
    """
    with translation.override(language_of(context)):
        if wants_html(request):
            return render(request, template, context | {"pdf_url": address(request)})
        try:
            return pdf_response(render_pdf(template, context), f"{name}.pdf")
        except PdfUnavailable as error:
            refusal = error
    return unavailable(request, refusal)


def answer_kept(request: HttpRequest, find: Callable[[], Attachment | None]) -> HttpResponse:
    """An archived document, byte for byte, its SHA-256 as entity tag; `find` makes and keeps it where there is none.

    404 where there can be none; the page of `answer` where it cannot be made here or its file was damaged.
    """
    try:
        document = find()
        if document is None:
            raise Http404(_("This document was not archived before it was changed."))
        content = content_of(document)
    except Refused as refusal:
        return unavailable(request, refusal)
    response = pdf_response(content, document.name)
    response["ETag"] = f'"{document.sha256}"'
    return response


def unavailable(request: HttpRequest, refusal: Refused) -> HttpResponse:
    context = {"refusal": str(refusal), "print_url": address(request, format="html")}
    return render(request, "documents/unavailable.html", context, status=503)


def wants_html(request: HttpRequest) -> bool:
    return request.GET.get("format") == "html"


def language_of(context: dict[str, Any]) -> str | None:
    """The document's language where we speak it, else the installation's; the reader's for what names none.

    Never the reader's for what names one: such a document is the same whoever opens it first.
    """
    if "language" not in context:
        return translation.get_language()
    return spoken(context["language"])


def address(request: HttpRequest, **instead: str) -> str:
    """The address asked for, with another format or none."""
    asked = {name: str(value) for name, value in request.GET.items() if name != "format"} | instead
    return f"{request.path}?{urlencode(asked)}" if asked else request.path


def pdf_response(body: bytes, filename: str) -> HttpResponse:
    """A PDF shown in the browser. Its viewer is a plugin to some browsers, so the policy for pages is not for it."""
    response = HttpResponse(body, content_type="application/pdf")
    shown = content_disposition_header(as_attachment=False, filename=filename)
    response["Content-Disposition"] = shown or "inline"
    response["Content-Security-Policy"] = "frame-ancestors 'none'"
    response["Cache-Control"] = "private, no-cache"
    return response
