"""A drawn signature: strokes of [x, y] or [x, y, t] points, checked before anything is kept of it."""

from django.utils.translation import gettext as _

from servicemgmt.core.errors import Invalid

MAX_STROKES, MAX_POINTS, MAX_COORDINATE, MIN_POINTS = 200, 6000, 10_000, 3

type Strokes = list[list[list[float]]]


def clean_strokes(strokes: object) -> Strokes:
    """The strokes with coordinates to one decimal. Raises Invalid where they are no signature or too much of one."""
    if not isinstance(strokes, list) or not strokes or len(strokes) > MAX_STROKES:
        raise Invalid(_("The signature could not be read; please draw it again."), field="strokes")
    cleaned = [_stroke(stroke) for stroke in strokes]
    if not MIN_POINTS <= sum(map(len, cleaned)) <= MAX_POINTS:
        raise Invalid(_("The signature could not be read; please draw it again."), field="strokes")
    return cleaned


def _stroke(stroke: object) -> list[list[float]]:
    if not isinstance(stroke, list) or not stroke:
        raise Invalid(_("The signature could not be read; please draw it again."), field="strokes")
    return [_point(point) for point in stroke]


def _point(point: object) -> list[float]:
    if not isinstance(point, list | tuple) or len(point) not in (2, 3) or not all(map(_is_number, point)):
        raise Invalid(_("The signature could not be read; please draw it again."), field="strokes")
    return [round(float(value), 1) for value in point]


def _is_number(value: object) -> bool:
    """A number in bounds; the third of a point, its time in milliseconds, may be large, so the bound is generous."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    return abs(value) <= MAX_COORDINATE * 1000


def svg_paths(strokes: Strokes) -> list[str]:
    """The strokes as SVG path data."""
    return ["M" + "L".join(f"{x:g} {y:g}" for x, y, *_rest in stroke) for stroke in strokes if stroke]


def svg_box(strokes: Strokes, margin: float = 6) -> str:
    """The viewBox that holds all strokes."""
    xs = [point[0] for stroke in strokes for point in stroke] or [0]
    ys = [point[1] for stroke in strokes for point in stroke] or [0]
    left, top = min(xs) - margin, min(ys) - margin
    return f"{left:g} {top:g} {max(xs) - left + margin:g} {max(ys) - top + margin:g}"
