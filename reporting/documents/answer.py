"""How a document is answered: as PDF to look at, or as a page to print, which needs no library at all."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import translation
from django.utils.http import content_disposition_header

from reporting.pdf import PdfUnavailable, render_pdf


def answer(request: HttpRequest, template: str, context: dict[str, Any], *, name: str) -> HttpResponse:
    """The document in its own language (`language` of the context), as `?format=` asks: PDF, else html.

    Where PDFs cannot be made here, a page says why and leads to the print view (503).
    """
    with translation.override(context.get("language") or translation.get_language()):
        if request.GET.get("format") == "html":
            asked = request.GET.copy()
            asked.pop("format")
            return render(request, template, context | {"pdf_url": f"{request.path}?{asked.urlencode()}"})
        try:
            body = render_pdf(template, context)
        except PdfUnavailable as refusal:
            asked = request.GET.copy()
            asked["format"] = "html"
            unavailable = {"refusal": str(refusal), "print_url": f"{request.path}?{asked.urlencode()}"}
            return render(request, "documents/unavailable.html", unavailable, status=503)
    return pdf_response(body, f"{name}.pdf")


def pdf_response(body: bytes, filename: str) -> HttpResponse:
    """A PDF shown in the browser. Its viewer is a plugin to some browsers, so the policy for pages is not for it."""
    response = HttpResponse(body, content_type="application/pdf")
    response["Content-Disposition"] = content_disposition_header(as_attachment=False, filename=filename)
    response["Content-Security-Policy"] = "frame-ancestors 'none'"
    response["Cache-Control"] = "private, no-cache"
    return response
