"""How a document is answered: as PDF to look at, or as a page to print, which needs no library at all."""

from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import translation
from django.utils.http import content_disposition_header

from reporting.pdf import PdfUnavailable, render_pdf


def answer(request: HttpRequest, template: str, context: dict[str, Any], *, name: str) -> HttpResponse:
    """The document in its own language (`language` of the context), as `?format=` asks: PDF, else html.

    Where PDFs cannot be made here, a page says why and leads to the print view (503).
    """
    with translation.override(language_of(context)):
        if request.GET.get("format") == "html":
            return render(request, template, context | {"pdf_url": address(request)})
        try:
            return pdf_response(render_pdf(template, context), f"{name}.pdf")
        except PdfUnavailable as error:
            refusal = error
    unavailable = {"refusal": str(refusal), "print_url": address(request, format="html")}
    return render(request, "documents/unavailable.html", unavailable, status=503)


def language_of(context: dict[str, Any]) -> str | None:
    """The document's language where we speak it; else the reader's, so that words and numbers are of one kind."""
    wanted = context.get("language")
    return wanted if wanted in dict(settings.LANGUAGES) else translation.get_language()


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
