"""What a signature stands for, in one deterministic form: the same facts always give the same text and hash."""

import hashlib
import json
from decimal import Decimal
from typing import Any


def text_of(form: dict[str, Any]) -> str:
    """The form as JSON: keys sorted, no spaces."""
    return json.dumps(form, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def sha256_of(canonical: str) -> str:
    """The hash over the form as UTF-8, in hexadecimal."""
    return hashlib.sha256(canonical.encode()).hexdigest()


def plain_number(value: Decimal | None) -> str:
    """A number without trailing zeros; nothing where there is none."""
    return "" if value is None else format(value.normalize(), "f")
