"""Documents as PDF. WeasyPrint is loaded at the first one only, because it needs libraries of the operating system."""

import contextlib
import io
import threading
from typing import Any

from django.template.loader import render_to_string
from django.utils.translation import gettext_lazy as _

from servicemgmt.core.errors import Refused

HOW_TO_INSTALL = _(
    "PDFs need the Pango library, which is missing on the server. Its administrator installs it with "
    "“apt install libpango-1.0-0 libpangoft2-1.0-0” (Debian, Ubuntu) or “brew install pango” (macOS)."
)

#: Pango's font maps are not made for several threads; laying out holds the interpreter anyway.
_one_at_a_time = threading.Lock()


class PdfUnavailable(Refused):
    """WeasyPrint cannot be loaded here. The print view in the browser works all the same."""


def render_pdf(template: str, context: dict[str, Any], *, variant: str | None = None) -> bytes:
    """The template as PDF, styled by `css/document.css` alone; only our static files are ever read, never a network.

    `page_size` of the context is A4 or Letter, `variant` one of WeasyPrint's, such as “pdf/a-3b”. The same template and
    context always give the same bytes. Raises PdfUnavailable where a library is missing.
    """
    engine = _engine()
    html = render_to_string(template, context | {"is_pdf": True})
    with _one_at_a_time:
        return bytes(engine.write(html, str(context.get("page_size", "")), variant))


def _engine() -> Any:
    """The module that needs WeasyPrint. Its warning about missing libraries, a banner on stdout, is kept quiet."""
    try:
        with contextlib.redirect_stdout(io.StringIO()):
            from .documents import engine
    except (OSError, ImportError) as error:
        raise PdfUnavailable(HOW_TO_INSTALL) from error
    return engine
