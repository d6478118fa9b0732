"""The masters of core itself."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ..audit import register_subject
from ..errors import Invalid
from ..models import NumberSequence, User
from .registry import Setup, register


def keep_counting(row: NumberSequence, by: User | None) -> None:
    """How a sequence counts cannot change once it exists: numbers given already would come again."""
    before = NumberSequence.objects.filter(pk=row.pk).values_list("is_gapless", flat=True).first()
    if before is not None and before != row.is_gapless:
        raise Invalid(_("How a sequence counts cannot change once it is in use."), field="is_gapless")


register_subject("run", permission="core.view_run", view="core:run")
register(
    Setup(
        NumberSequence,
        section=gettext_lazy("General"),
        fields=["code", "description", "prefix", "digits", "is_gapless"],
        help=gettext_lazy(
            "How documents are numbered: a prefix, then digits; without gaps where the law asks for it."
        ),
        clean=keep_counting,
        fixed=["code", "is_gapless"],
        can_delete=False,
        sentences={
            "numbersequence_code_is_plain": gettext_lazy(
                "The code is lower-case letters, digits and underscores."
            ),
            "numbersequence_digits_sensible": gettext_lazy("A number has three to twelve digits."),
        },
    )
)
