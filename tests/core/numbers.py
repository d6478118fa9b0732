"""Runs of the kind that only the tests know."""

from servicemgmt.core.models import NumberSequence, Run
from servicemgmt.core.runs import start_run
from tests.cast import user_in
from tests.core.kinds import NUMBERS

KIND = NUMBERS.code


def numbers_run(upto: int = 20, **parameters: object) -> Run:
    return start_run(
        KIND, by=user_in("Administrator"), parameters={"upto": upto, **parameters}, enqueue=False
    )


def made() -> set[int]:
    return {
        int(code[1:])
        for code in NumberSequence.objects.filter(code__regex=r"^n\d+$").values_list("code", flat=True)
    }
