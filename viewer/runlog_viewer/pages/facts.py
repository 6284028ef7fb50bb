"""What is known about an image, and how it came to be these pixels. Pure."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

import runlog
from runlog_viewer.pages import wording
from runlog_viewer.pages.values import Fact

_RULES = {
    "unit": "within [0, 1]: multiplied by 255",
    "signed_unit": "within [-1, 1]: scaled to 0 … 255",
    "clip": "not scaled, clipped to 0 … 255",
    "none": "normalize=False: not scaled, clipped to 0 … 255",
    "as_is": "stored as it is",
}


class ConversionFacts(NamedTuple):
    """What a conversion did.

    `hint` says in a few words why a picture may not look as meant, or is None; `surprises` say it at length.
    """

    hint: str | None
    surprises: tuple[Fact, ...]
    facts: tuple[Fact, ...]


def of_image(image: runlog.ImageRecord) -> tuple[Fact, ...]:
    """Return all that is known about an image, what may surprise first."""
    media = image.media
    made = of_conversion(image.conversion)
    grouping = () if image.grouping is None else (Fact("grouping", str(image.grouping)),)
    identity = () if image.id is None else (Fact("id", image.id),)
    return (
        *made.surprises,
        *identity,
        *of_fields(image),
        Fact("size", f"{media.width} × {media.height} px, {wording.size(media.bytes)}"),
        Fact("file", media.path.name),
        *grouping,
        *made.facts,
    )


def of_fields(image: runlog.ImageRecord) -> tuple[Fact, ...]:
    """Return what the script said of an image, and what its evaluation says of it."""
    return tuple(
        [
            Fact(name, wording.number(value, 4) if isinstance(value, float) else wording.data(value))
            for name, value in image.all_fields.items()
        ]
    )


@lru_cache(maxsize=256)  # most images of a run were converted alike
def of_conversion(conversion: runlog.Conversion) -> ConversionFacts:
    """Return what a conversion did to the pixels."""
    found = conversion.surprises()
    surprises = (Fact("look twice", "; ".join(found.values())),) if found else ()
    hint = _hint(next(iter(found)), conversion) if found else None
    return ConversionFacts(hint, surprises, _conversion_facts(conversion))


def _hint(topic: str, conversion: runlog.Conversion) -> str:
    if topic == "not finite":
        return f"{conversion.non_finite:,} not finite"
    if topic == "clipped":
        return f"{wording.percent(conversion.clipped, conversion.size)} clipped"
    return "rescaled" if topic == "scaled integers" else topic


def _conversion_facts(conversion: runlog.Conversion) -> tuple[Fact, ...]:
    facts: list[Fact] = []
    shape = " × ".join(map(str, conversion.shape or ()))
    facts.append(Fact("logged as", ", ".join(filter(None, (conversion.source, conversion.dtype, shape)))))
    if conversion.minimum is not None and conversion.maximum is not None:
        facts.append(
            Fact("range", f"{wording.number(conversion.minimum)} … {wording.number(conversion.maximum)}")
        )
    facts.append(Fact("conversion", _what_was_done(conversion)))
    for name, count in (("clipped", conversion.clipped), ("not finite", conversion.non_finite)):
        if count:
            share = wording.percent(count, conversion.size)
            facts.append(Fact(name, f"{count:,} of {conversion.size:,} values ({share})"))
    facts.extend(Fact("note", note) for note in conversion.notes)
    return tuple(facts)


def _what_was_done(conversion: runlog.Conversion) -> str:
    """Return the rule that made bytes of the values, as it turned out for these."""
    if conversion.rule != "clip" or conversion.clipped or conversion.non_finite:
        return _RULES[conversion.rule]
    is_whole = (conversion.dtype or "").startswith(("int", "uint"))
    return "within 0 … 255: stored as it is" + ("" if is_whole else ", without fractions")
