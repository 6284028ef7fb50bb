"""What is written at the boxes of a picture on screen: which of them, and where. Pure.

A tag stands at its box, at the left end of its upper or lower edge, within the picture. They are taken by
their scores, the highest first: one is left out where it would lie over another, or where all of them would
cover more than a tenth of the picture. What is left out is told at the pointer, and in full view.

That is for readers without scripts. Scripts show pages at other sizes, and boxes come and go: they write what
there is room for then, by the same rule in ``static/overlays/tag_places.js`` and ``tag_text.js``.
``tests/scripts/test_tag_places.py`` holds the two together.
"""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Iterable, Sequence
from functools import lru_cache

import runlog
from runlog_viewer.pages import wording
from runlog_viewer.pages.values import Canvas, DrawnLayer, PlacedTag, Spot

HEIGHT = 15
"""How high a tag is on screen, in px."""
MOST_COVERED = 0.1
"""The part of a picture that its tags may cover."""
MARGINS = 6
"""How much wider a tag is than its text, in px."""
_LONGEST = 36
_LONG_SCORE = 1000
_FONT_SIZE = 11
# In widths of an em, by the characters that need no more: those of the widest among usual fonts. Letters with
# an accent are as wide as without.
_EM_WIDTHS = {
    0.4: " '/IJ\\|ijl,.:;·’ıłΙιІіјוין",
    0.5: "-f!()[]tr_`°גזנ",
    0.6: '"*?zcs–εζςгзстэєדךכ',
    0.73: "Lvxyakn$EFTeo0123456789hu{}SYbdgpqCPZ“”„€£ŁßøđþðΕΖΞΣΤΥαβγδηθκλνορτυχ"
    "ГЕЗТҐабвеикнопрухчьяґבאהחטלםמסעףפץצרת",
    0.87: "ABDGHKNOQRUVX#&+<=>^~×ØÞÐĐΑΒΔΗΘΚΛΝΟΠΡΦΧΨΩμπσφψωАБВЄИКЛНОПРСУХЧЬЭЯдлмцъקש",
    1.1: "w%@MmW—…→ÆæŒœΜДМФЦЪЫжфшыю",
    1.35: "ЖШЩЮщ",
}
_EM_WIDTH_OF = {character: width for width, characters in _EM_WIDTHS.items() for character in characters}
_OTHER_WIDTH, _JOINED_WIDTH, _WIDE = 0.87, 0.7, 1.1
# Those of characters that take no room, and of those that turn what is written after them round.
_WIDTHLESS = frozenset({"Mn", "Me", "Cf"})
_TURNING = frozenset(["R", "AL", "AN", "LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"])
_ISOLATE, _END_OF_ISOLATE = "\u2068", "\u2069"


def text_of(box: runlog.Box, label: str) -> str:
    """Return what to write at a box: its caption, else its class and its first score."""
    return fitted(plain_text(box, label), box, label)


def plain_text(box: runlog.Box, label: str) -> str:
    """Return the same of any length; scripts put it together of what a box says of itself."""
    if box.caption:
        return box.caption
    name = "" if box.class_id is None else label
    if not box.scores:
        return name
    score = _short_score(next(iter(box.scores.values())))
    return f"{name} {score}" if name else score


def fitted(plain: str, box: runlog.Box, label: str) -> str:
    """Return what to write at a box, given its plain text, so that it is short and reads in order."""
    if len(plain) <= _LONGEST and plain.isascii():
        return plain
    return _shortened(box.caption, _LONGEST) if box.caption else _class_and_score(box, label)


def score_of(box: runlog.Box) -> float:
    """Return the score by which the tag of a box is taken: the first; less than any where there is none."""
    score = next(iter(box.scores.values()), -math.inf)
    return -math.inf if math.isnan(score) else score


@lru_cache(maxsize=4096)
def text_width(text: str) -> int:
    """Return how wide a tag is on screen, in px, with what is around its text."""
    return math.ceil(MARGINS + _FONT_SIZE * sum(map(_em_width, text)))


@lru_cache(maxsize=4096)
def is_known_width(text: str) -> bool:
    """Return whether a text is of characters for which usual fonts need no more than `text_width`."""
    return text.isascii() or all(map(_is_known, text))


def written(layers: Sequence[DrawnLayer], canvas: Canvas) -> tuple[DrawnLayer, ...]:
    """Return the layers of a picture with their tags in place.

    They are placed for the least width that it is shown with at first: what lies apart there does so in every
    larger picture.
    """
    width, height = canvas.least_width, canvas.least_width * canvas.height / canvas.width
    most = MOST_COVERED * width * height / HEIGHT  # in a small picture none has room
    found = [
        (tag, place) for place, drawn in enumerate(layers) for tag in drawn.tags if tag.spot.width <= most
    ]
    if not found:
        return tuple(layers)
    found.sort(key=lambda one: -one[0].score)
    placed: list[list[PlacedTag]] = [[] for _ in layers]
    corners = places([tag.spot for tag, _ in found], width, height)
    for (tag, layer), corner in zip(found, corners, strict=True):
        if corner:
            x, y = wording.coordinates(100 * corner[0] / width, 100 * corner[1] / height)
            placed[layer].append(PlacedTag(tag, x, y))
    return tuple(
        [drawn._replace(placed=tuple(of)) if of else drawn for drawn, of in zip(layers, placed, strict=True)]
    )


def places(spots: Iterable[Spot], width: float, height: float) -> list[tuple[float, float] | None]:
    """Return where the upper left corner of each tag is, in px of a picture on screen.

    Parameters
    ----------
    spots
        By falling score.
    width, height
        Of the picture on screen, in px.

    Returns
    -------
    None for each tag that is left out.
    """
    free = MOST_COVERED * width * height
    taken: list[tuple[float, float, float]] = []
    found: list[tuple[float, float] | None] = []
    for spot in spots:
        x, y = place(spot, width, height)
        area = spot.width * HEIGHT
        has_room = area <= free and spot.width <= width and height >= HEIGHT
        if has_room and not any(
            x < right and left < x + spot.width and abs(y - top) < HEIGHT for left, right, top in taken
        ):
            free -= area
            taken.append((x, x + spot.width, y))
            found.append((x, y))
        else:
            found.append(None)
    return found


def place(spot: Spot, width: float, height: float) -> tuple[float, float]:
    """Return where a tag stands, whatever else does: out of its box where the picture has room for that."""
    edge = spot.edge * height
    if spot.is_low:
        y = edge if edge + HEIGHT <= height else edge - HEIGHT
    else:
        y = edge - HEIGHT if edge >= HEIGHT else edge
    return (
        max(0.0, min(spot.left * width, width - spot.width)),
        max(0.0, min(y, height - HEIGHT)),
    )


def _class_and_score(box: runlog.Box, label: str) -> str:
    name = "" if box.class_id is None else label
    if not box.scores:
        return _shortened(name, _LONGEST)
    score = _short_score(next(iter(box.scores.values())))
    return f"{_isolated(_shortened(name, _LONGEST - len(score) - 1))} {score}" if name else score


def _shortened(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[: most - 1].rstrip()}…"


def _isolated(name: str) -> str:
    """Return a name as it is written before a number, whose digits it turns no other way round."""
    turns = not name.isascii() and any(unicodedata.bidirectional(character) in _TURNING for character in name)
    return f"{_ISOLATE}{name}{_END_OF_ISOLATE}" if turns else name


def _short_score(score: float) -> str:
    if not abs(score) < _LONG_SCORE:
        return wording.number(score, 4)
    # What lies just between two goes away from zero, as in scripts; Python takes the even one.
    beyond = math.copysign(0.001, score) if score * 8 % 2 == 1 else 0.0
    return f"{score + beyond:.2f}"


def _base(character: str) -> str:
    """Return a letter without its accents."""
    return unicodedata.normalize("NFD", character)[0]


def _is_known(character: str) -> bool:
    if unicodedata.category(character) in _WIDTHLESS or _base(character) in _EM_WIDTH_OF:
        return True
    return _is_wide(character) and character.isalpha()


def _em_width(character: str) -> float:
    if character.isascii():
        return _EM_WIDTH_OF.get(character, _OTHER_WIDTH)
    if unicodedata.category(character) in _WIDTHLESS:
        return 0.0
    if known := _EM_WIDTH_OF.get(_base(character)):
        return known
    if _is_wide(character):
        return _WIDE
    return _JOINED_WIDTH if unicodedata.bidirectional(character) == "AL" else _OTHER_WIDTH


def _is_wide(character: str) -> bool:
    return unicodedata.east_asian_width(character) in "WF"
