"""What is known of an image is said, and what may surprise comes first."""

from __future__ import annotations

from collections.abc import Callable

import pytest

import runlog
from runlog_viewer.pages import facts

ImageOf = Callable[..., runlog.ImageRecord]


def test_what_was_done_to_the_pixels_is_said(image: ImageOf) -> None:
    conversion = runlog.Conversion(
        "tensor", "float32", (3, 48, 64), -1.0, 300.0, "clip", clipped=100, size=1000, notes=("a note",)
    )
    listed = facts.of_image(image(conversion=conversion, grouping=3))
    found = {fact.name: fact.value for fact in listed}
    assert found["logged as"] == "tensor, float32, 3 × 48 × 64"
    assert found["range"] == "-1 … 300"
    assert found["clipped"] == "100 of 1,000 values (10 %)"
    assert found["note"] == "a note"
    assert found["grouping"] == "3"
    assert (listed[0].name, listed[0].value) == ("look twice", conversion.surprise())


def test_which_picture_it_is_and_what_the_script_said_of_it_come_first(image: ImageOf) -> None:
    fields = {"truth": 8, "p": 0.87654321, "is_hard": True, "who": "a <b>", "lost": float("nan")}
    listed = facts.of_image(image(id="val/0123", fields=fields))
    assert [(fact.name, fact.value) for fact in listed[:6]] == [
        ("id", "val/0123"),
        ("truth", "8"),
        ("p", "0.8765"),
        ("is_hard", "true"),
        ("who", "a <b>"),
        ("lost", "NaN"),
    ]


@pytest.mark.parametrize(
    ("conversion", "said"),
    [
        (runlog.Conversion("array", "uint8", (4, 4), 0, 255, "clip", size=16), "stored as it is"),
        (runlog.Conversion("array", "float32", (4, 4), 0, 99.5, "clip", size=16), "without fractions"),
        (runlog.Conversion("array", "int16", (4, 4), 0, 999, "clip", clipped=3, size=16), "clipped"),
        (runlog.Conversion("array", "float32", (4, 4), 0, 9, "clip", non_finite=1, size=16), "clipped"),
    ],
)
def test_a_picture_is_called_clipped_only_if_it_was(conversion: runlog.Conversion, said: str) -> None:
    (value,) = (of.value for of in facts.of_conversion(conversion).facts if of.name == "conversion")
    assert said in value
    assert ("clipped" in value) == (said == "clipped")


@pytest.mark.parametrize(
    ("conversion", "hint"),
    [
        (
            runlog.Conversion("array", "float32", (4,), 0.0, 1.0, "unit", non_finite=2, size=16),
            "2 not finite",
        ),
        (
            runlog.Conversion("array", "float32", (4,), 0.0, 999.0, "clip", clipped=4, size=16),
            "25 % clipped",
        ),
        (runlog.Conversion("array", "uint8", (4, 4), 0, 1, "unit", size=16), "rescaled"),
        (runlog.Conversion("array", "float32", (4, 4), 0.0, 1.5, "clip", size=16), "nearly black"),
        (runlog.Conversion("array", "uint8", (4, 4), 0, 255, "clip", size=16), None),
    ],
)
def test_a_hint_says_in_few_words_that_pixels_may_not_be_as_meant(
    conversion: runlog.Conversion, hint: str | None
) -> None:
    made = facts.of_conversion(conversion)
    assert made.hint == hint
    assert [fact.value for fact in made.surprises] == ([conversion.surprise()] if hint else [])
