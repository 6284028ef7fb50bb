"""Charts as pictures: lines, points, bars and a matrix, drawn by Pillow."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from PIL import Image as PILImage
from PIL import ImageDraw, ImageFont

from runlog.palette import colour

_WIDTH, _HEIGHT = 720, 440
_LEFT, _RIGHT, _TOP, _BOTTOM = 76, 180, 40, 60
_PAPER, _INK, _FAINT = "#ffffff", "#24292f", "#d8dee4"
_TICKS = 5
_MOST_NAMED = 16
_CELL_LIMITS = (18, 64)  # pixels a side of a matrix

Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Axes:
    """What stands beside a drawing."""

    title: str = ""
    x: str = ""
    y: str = ""


class _Sheet:
    """A picture with axes: x and y are numbers, placed on the paper."""

    def __init__(self, xs: Sequence[float], ys: Sequence[float], axes: Axes, *, has_names: bool) -> None:
        self.picture = PILImage.new("RGB", (_WIDTH, _HEIGHT), _PAPER)
        self.draw = ImageDraw.Draw(self.picture)
        self.right = _WIDTH - (_RIGHT if has_names else 24)
        self.xs, self.ys = _range(xs), _range(ys)
        _text(self.draw, ((_LEFT + self.right) / 2, 14), axes.title, 15, "ma")
        _text(self.draw, ((_LEFT + self.right) / 2, _HEIGHT - 22), axes.x, 12, "ma")
        _text(self.draw, (8, _TOP - 22), axes.y, 12, "la")

    def x(self, value: float) -> float:
        low, high = self.xs
        return _LEFT + (value - low) / (high - low) * (self.right - _LEFT)

    def y(self, value: float) -> float:
        low, high = self.ys
        return _HEIGHT - _BOTTOM - (value - low) / (high - low) * (_HEIGHT - _BOTTOM - _TOP)

    def rule_x(self) -> None:
        for tick in _ticks(*self.xs):
            self.draw.line([(self.x(tick), _TOP), (self.x(tick), _HEIGHT - _BOTTOM)], _FAINT)
            _text(self.draw, (self.x(tick), _HEIGHT - _BOTTOM + 6), f"{tick:g}", 11, "ma")

    def rule_y(self) -> None:
        for tick in _ticks(*self.ys):
            self.draw.line([(_LEFT, self.y(tick)), (self.right, self.y(tick))], _FAINT)
            _text(self.draw, (_LEFT - 6, self.y(tick)), f"{tick:g}", 11, "rm")

    def name(self, place: int, name: str, color: str) -> None:
        y = _TOP + 4 + 20 * place
        self.draw.rectangle([self.right + 12, y, self.right + 24, y + 12], color)
        _text(self.draw, (self.right + 30, y - 1), _shortened(name, 20), 12, "la")


def lines(series: Mapping[str, Sequence[Point]], axes: Axes) -> PILImage.Image:
    """Return lines, each through its points in their order, and their names."""
    named = [name for name in series if name]
    every = [point for points_ in series.values() for point in points_]
    sheet = _Sheet([x for x, _ in every], [y for _, y in every], axes, has_names=bool(named))
    sheet.rule_x()
    sheet.rule_y()
    for place, (name, points_) in enumerate(series.items()):
        color = colour(place)
        placed = [(sheet.x(x), sheet.y(y)) for x, y in points_]
        if len(placed) > 1:
            sheet.draw.line(placed, color, 2, "curve")
        else:
            _dots(sheet.draw, placed, color)
        if name and place < _MOST_NAMED:
            sheet.name(place, name, color)
    return sheet.picture


def points(given: Sequence[Point], axes: Axes) -> PILImage.Image:
    """Return points."""
    sheet = _Sheet([x for x, _ in given], [y for _, y in given], axes, has_names=False)
    sheet.rule_x()
    sheet.rule_y()
    _dots(sheet.draw, [(sheet.x(x), sheet.y(y)) for x, y in given], colour(0))
    return sheet.picture


def bars(values: Sequence[tuple[str, float]], axes: Axes) -> PILImage.Image:
    """Return bars, each with its label below it."""
    sheet = _Sheet([0, len(values)], [0, *(value for _, value in values)], axes, has_names=False)
    sheet.rule_y()
    every = math.ceil(len(values) / 12)
    for place, (label, value) in enumerate(values):
        corners = [sheet.x(place + 0.1), sheet.y(max(value, 0)), sheet.x(place + 0.9), sheet.y(min(value, 0))]
        sheet.draw.rectangle(corners, colour(0))
        if place % every == 0:
            at = (sheet.x(place + 0.5), _HEIGHT - _BOTTOM + 6)
            _text(sheet.draw, at, _shortened(label, 10), 11, "ma")
    return sheet.picture


def matrix(names: Sequence[str], counts: Sequence[Sequence[float]], axes: Axes) -> PILImage.Image:
    """Return a matrix of counts: rows are what was, columns what was predicted; the darker, the more."""
    least, most = _CELL_LIMITS
    side = max(least, min(most, 480 // max(len(names), 1)))
    left, top = 140, 70
    width, height = left + side * len(names) + 24, top + side * len(names) + 30
    picture = PILImage.new("RGB", (max(width, 360), height), _PAPER)
    draw = ImageDraw.Draw(picture)
    _text(draw, (picture.width / 2, 10), axes.title, 15, "ma")
    _text(draw, (left, height - 22), "columns: predicted, rows: actual", 12, "la")
    greatest = max((count for row in counts for count in row), default=0) or 1
    for row, of_row in enumerate(counts):
        _text(draw, (left - 8, top + side * (row + 0.5)), _shortened(names[row], 18), 12, "rm")
        label = _shortened(names[row], max(side // 8, 2))
        _text(draw, (left + side * (row + 0.5), top - 6), label, 12, "ms")
        for column, count in enumerate(of_row):
            corner = left + side * column, top + side * row
            share = count / greatest
            draw.rectangle([*corner, corner[0] + side - 2, corner[1] + side - 2], _shade(share))
            if side >= 28 or count:
                middle = corner[0] + side / 2 - 1, corner[1] + side / 2 - 1
                size = 12 if side >= 28 else 9
                _text(draw, middle, f"{count:g}", size, "mm", _PAPER if share > 0.5 else _INK)
    return picture


def _shade(share: float) -> tuple[int, int, int]:
    white, dark = (246, 248, 250), (8, 81, 156)
    red, green, blue = (round(low + (high - low) * share) for low, high in zip(white, dark, strict=True))
    return red, green, blue


def _dots(draw: ImageDraw.ImageDraw, placed: Iterable[Point], color: str) -> None:
    for x, y in placed:
        draw.ellipse([x - 3, y - 3, x + 3, y + 3], color)


def _range(values: Sequence[float]) -> tuple[float, float]:
    low, high = min(values, default=0.0), max(values, default=1.0)
    return (low, high) if high > low else (low - 0.5, high + 0.5)


def _ticks(low: float, high: float) -> list[float]:
    """Return round numbers in a range, about as many as there is room for."""
    rough = (high - low) / _TICKS
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(power * factor for factor in (1, 2, 5, 10) if power * factor >= rough)
    first = math.ceil(low / step - 1e-9)
    count = math.floor(high / step + 1e-9) - first + 1
    return [round((first + place) * step, 12) for place in range(count)]


def _text(draw: ImageDraw.ImageDraw, at: Point, text: str, size: int, anchor: str, color: str = _INK) -> None:
    if text:
        draw.text(at, text, color, ImageFont.load_default(size), anchor)


def _shortened(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[: most - 1]}…"
