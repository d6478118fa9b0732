"""What every PDF of a process shares: fonts, parsed style sheets, and a fetcher that knows our static files only.

Import through `reporting.pdf` alone: the first line here fails where Pango is missing.
"""

import os
from functools import cache
from pathlib import Path
from urllib.parse import unquote, urlsplit

from django.conf import settings
from django.contrib.staticfiles import finders
from weasyprint import CSS, HTML
from weasyprint.text.fonts import FontConfiguration
from weasyprint.urls import FatalURLFetchingError, URLFetcher, URLFetcherResponse

# The fonts in a PDF would carry the moment they were cut to size: the same document must be the same bytes.
os.environ.setdefault("SOURCE_DATE_EPOCH", "0")

SIZES = {"A4": "A4", "LETTER": "Letter"}
SHEETS = ["css/document.css", "css/pages/paper.css", "css/labels.css"]
FONTS = FontConfiguration()


class StaticOnly(URLFetcher):
    """Reads files under our static folders; anything else stops the document, so that nothing is left out quietly."""

    def fetch(self, url: str, headers: dict[str, str] | None = None) -> URLFetcherResponse:
        parts = urlsplit(url)
        if parts.scheme == "data":
            return super().fetch(url, headers)
        path = Path(unquote(parts.path)).resolve()
        roots = [Path(root).resolve() for root in (*settings.STATICFILES_DIRS, settings.STATIC_ROOT)]
        if parts.scheme != "file" or parts.netloc or not any(path.is_relative_to(root) for root in roots):
            raise FatalURLFetchingError(f"A document asked for {url}, which is none of our static files.")
        return super().fetch(path.as_uri(), headers)


FETCHER = StaticOnly(allowed_protocols={"file", "data"}, allow_redirects=False)


@cache
def sheets(size: str) -> list[CSS]:
    """The sheets parsed once, and the paper size where it is not the usual one."""
    found = [CSS(filename=finders.find(name), font_config=FONTS, url_fetcher=FETCHER) for name in SHEETS]
    paper = [] if size == "A4" else [CSS(string=f"@page {{ size: {size} }}", font_config=FONTS)]
    return [*found, *paper]


def write(html: str, size: str, variant: str | None = None) -> bytes:
    """The HTML as the bytes of a PDF, of a variant such as “pdf/a-3b” where one is wanted."""
    sheet = SIZES.get(size.upper(), "A4")
    page = HTML(string=html, base_url="document:", url_fetcher=FETCHER)
    document = page.render(font_config=FONTS, stylesheets=sheets(sheet), pdf_variant=variant)
    document.metadata.title = " ".join((document.metadata.title or "").split())
    return bytes(document.write_pdf(pdf_variant=variant))
