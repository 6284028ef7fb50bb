"""Class colours are the same everywhere, and told apart."""

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from runlog import palette

# Machado, Oliveira and Fernandes (2009), severity 1, on linear RGB.
VISION = {
    "full": np.eye(3),
    "red-blind": np.array([[0.152, 1.053, -0.205], [0.115, 0.786, 0.099], [-0.004, -0.048, 1.052]]),
    "green-blind": np.array([[0.367, 0.861, -0.228], [0.280, 0.673, 0.047], [-0.012, 0.043, 0.969]]),
}
# IEC 61966-2-1, with the white point D65.
TO_XYZ = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])
WHITE = np.array([0.9505, 1.0, 1.0890])
TOLD_APART = 10.0
# For the colour-blind, of the first classes, which most runs have no more of.
FIRST = 8

Lab = tuple[float, float, float]


def lab(colour: str, vision: np.ndarray) -> Lab:
    srgb = np.array(palette.channels(colour)) / 255
    linear = np.where(srgb <= 0.04045, srgb / 12.92, ((srgb + 0.055) / 1.055) ** 2.4)
    x, y, z = TO_XYZ @ np.clip(vision @ linear, 0, 1) / WHITE
    x, y, z = (np.cbrt(v) if v > 216 / 24389 else (24389 / 27 * v + 16) / 116 for v in (x, y, z))
    return float(116 * y - 16), float(500 * (x - y)), float(200 * (y - z))


def ciede2000(one: Lab, other: Lab) -> float:
    """Return the colour difference of Sharma, Wu and Dalal (2005)."""
    (l1, a1, b1), (l2, a2, b2) = one, other
    mean = (np.hypot(a1, b1) + np.hypot(a2, b2)) / 2
    stretch = 1 + 0.5 * (1 - np.sqrt(mean**7 / (mean**7 + 25.0**7)))
    c1, c2 = np.hypot(a1 * stretch, b1), np.hypot(a2 * stretch, b2)
    h1, h2 = (np.degrees(np.arctan2(b, a * stretch)) % 360 for a, b in ((a1, b1), (a2, b2)))
    turn = 0.0 if c1 * c2 == 0 else (h2 - h1 + 180) % 360 - 180
    lightness, chroma = (l1 + l2) / 2, (c1 + c2) / 2
    hue = h1 + h2 if c1 * c2 == 0 else (h1 + turn / 2) % 360
    t = (
        1
        - 0.17 * np.cos(np.radians(hue - 30))
        + 0.24 * np.cos(np.radians(2 * hue))
        + 0.32 * np.cos(np.radians(3 * hue + 6))
        - 0.20 * np.cos(np.radians(4 * hue - 63))
    )
    dl = (l2 - l1) / (1 + 0.015 * (lightness - 50) ** 2 / np.sqrt(20 + (lightness - 50) ** 2))
    dc = (c2 - c1) / (1 + 0.045 * chroma)
    dh = 2 * np.sqrt(c1 * c2) * np.sin(np.radians(turn / 2)) / (1 + 0.015 * chroma * t)
    blue = 60 * np.exp(-(((hue - 275) / 25) ** 2))
    rotation = -2 * np.sqrt(chroma**7 / (chroma**7 + 25.0**7)) * np.sin(np.radians(blue))
    return float(np.sqrt(dl**2 + dc**2 + dh**2 + rotation * dc * dh))


@pytest.mark.parametrize(
    ("one", "other", "difference"),
    [
        ((50, 2.6772, -79.7751), (50, 0, -82.7485), 2.0425),
        ((50, 0, 0), (50, -1, 2), 2.3669),
        ((50, 2.49, -0.001), (50, -2.49, 0.0009), 7.1792),
        ((50, 2.5, 0), (73, 25, -18), 27.1492),
        ((22.7233, 20.0904, -46.694), (23.0331, 14.973, -42.5619), 2.0373),
        ((2.0776, 0.0795, -1.135), (0.9033, -0.0636, -0.5514), 0.9082),
    ],
)
def test_the_difference_is_that_of_the_published_pairs(one: Lab, other: Lab, difference: float) -> None:
    assert ciede2000(one, other) == pytest.approx(difference, abs=1e-4)
    assert ciede2000(other, one) == pytest.approx(difference, abs=1e-4)


def test_forty_classes_are_told_apart_and_from_what_has_no_class() -> None:
    assert len(palette.COLOURS) == 40
    labs = [lab(colour, VISION["full"]) for colour in (*palette.COLOURS, palette.NO_CLASS)]
    assert min(ciede2000(one, other) for one, other in combinations(labs, 2)) >= TOLD_APART


@pytest.mark.parametrize("vision", VISION)
def test_the_first_classes_are_told_apart_by_everyone(vision: str) -> None:
    labs = [lab(colour, VISION[vision]) for colour in palette.COLOURS[:FIRST]]
    assert min(ciede2000(one, other) for one, other in combinations(labs, 2)) >= TOLD_APART


def test_a_class_has_one_colour_whatever_the_other_classes() -> None:
    assert palette.colour(3) == palette.COLOURS[3]
    assert palette.colour(3 + 7 * len(palette.COLOURS)) == palette.COLOURS[3]


@pytest.mark.parametrize("colour", [*palette.COLOURS, palette.NO_CLASS])
def test_text_on_a_class_colour_can_be_read(colour: str) -> None:
    assert palette.contrast(palette.ink(colour), colour) >= 4.5


def test_a_class_without_a_label_is_named_by_its_id() -> None:
    labels = {0: "sky", 7: ""}
    names = [palette.class_label(class_id, labels) for class_id in (0, 3, 7, None)]
    assert names == ["sky", "class_3", "", "no class"]


def test_only_class_0_without_a_label_is_no_class() -> None:
    assert palette.is_background(0, {1: "coin"})
    assert not palette.is_background(0, {0: "sky"})
    assert not palette.is_background(1, {})


def rule(*masks: tuple[tuple[int, ...], dict[int, str]]) -> palette.MaskRule:
    return palette.mask_rule([("truth", ids, labels) for ids, labels in masks])


@pytest.mark.parametrize(
    "name", ["background", "Background", " VOID ", "ignore", "Unlabelled", "unlabeled", "IGNORE"]
)
def test_a_class_named_for_nothing_in_particular_is_off_at_first(name: str) -> None:
    assert rule(((3,), {3: name})).is_off_at_first("truth", 3, {3: name})


@pytest.mark.parametrize("name", ["", "backgrounds", "voids", "background wall", "class_0", "ignored"])
def test_a_class_of_any_other_name_is_not(name: str) -> None:
    for class_id in (0, 3, 255):
        assert not rule(((0, 3, 255), {class_id: name})).is_off_at_first("truth", class_id, {class_id: name})


@pytest.mark.parametrize(
    ("masks", "is_off"),
    [
        ([((0, 255), {})], False),
        ([((255,), {})], False),
        ([((0, 255), {0: "background"})], False),
        ([((0, 1, 255), {})], True),
        ([((0, 255), {}), ((0, 7), {})], True),
        ([((0, 255), {1: "car"})], True),
        ([((0, 255), {255: "found"})], False),
        ([((0, 300, 255), {255: "found"})], False),
    ],
)
def test_255_without_a_label_is_off_where_there_are_other_classes(
    masks: list[tuple[tuple[int, ...], dict[int, str]]], is_off: bool
) -> None:
    assert rule(*masks).is_off_at_first("truth", 255, masks[0][1]) is is_off


@given(
    st.lists(st.tuples(st.sets(st.integers(0, 65535), max_size=9), st.sets(st.sampled_from([0, 3, 255])))),
    st.integers(0, 65535),
)
def test_all_that_is_off_is_what_is_off_one_by_one(
    masks: list[tuple[set[int], set[int]]], class_id: int
) -> None:
    of = rule(*((tuple(sorted(ids)), dict.fromkeys(named, "void")) for ids, named in masks))
    for _, named in masks:
        labels = dict.fromkeys(named, "void")
        everything = {0, 3, 255, class_id}
        off = {i for i in everything if of.is_off_at_first("truth", i, labels)}
        assert off == everything.intersection(of.off_at_first("truth", labels))


@pytest.mark.parametrize(("unlabelled", "is_many"), [(256, False), (257, True)])
def test_more_than_256_ids_without_a_label_are_instances(unlabelled: int, is_many: bool) -> None:
    labels = {i: str(i) for i in range(1000, 2000)}
    ids = [*range(unlabelled), *labels]
    of = palette.mask_rule([("a", ids[:200], labels), ("a", ids[100:], labels), ("b", ids[:9], {})])
    assert of.instances == ({"a"} if is_many else set())
    assert of.is_off_at_first("a", 255, labels) is not is_many  # one instance of many
    assert of.is_off_at_first("a", 0, labels)
