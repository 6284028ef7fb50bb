"""Logged texts in Markdown → HTML: a subset is set as such, and everything else stands as it was written.

Set are headings (``#``), lists (``-``, ``*``, ``1.``), ``*emphasis*``, ``**strong**``, code between
backticks, fenced code, tables, and links to http and https, whose address is shown. There are no pictures, no
HTML of the text's own, no underscores, which code is full of, and no escapes.

What marks all that stays where it was, hidden: the text of the HTML is what was logged, letter by letter, so
that it can be looked at as it was written, too. Any text takes time in proportion to its length.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal, NamedTuple

from markupsafe import Markup

from runlog_viewer.html.escaping import escaped

LONGEST = 20_000
"""Characters; what is longer stands as it was written."""

_DEEPEST = 6
_FENCE = re.compile(r"( {0,3})(`{3,}|~{3,})[^`]*")
_HEADING = re.compile(r"(#{1,6}) +(?=\S)")
_ITEM = re.compile(r"( *)([-*]|(\d{1,9})[.)])( {1,4})(?=\S)")
_DELIMITER = re.compile(r" *:?-+:? *")
_CELL = re.compile(r"(?:[^|\\]|\\.|\\$)+")
_INLINE = re.compile(
    r"\\.|``[^`]+``|`[^`]+`|\*+"
    r"|(?<!!)\[([^\[\]]+)\]\((https?://[A-Za-z0-9._~:/?#@!$&+,;=%-]+)\)"
)
_EMPHASIS = {1: ("em",), 2: ("strong",), 3: ("strong", "em")}


class _Piece(NamedTuple):
    """A piece of what a text becomes.

    `kind` says whether `text` is seen, marks something and is hidden, or begins or ends an element; there it
    is the element's name, with its attributes.
    """

    kind: Literal["seen", "mark", "begin", "end"]
    text: str


@dataclass(frozen=True, slots=True)
class _Line:
    """A line: what of it belongs to the blocks around, the rest, and how it ends."""

    outer: str
    text: str
    end: str

    @property
    def is_blank(self) -> bool:
        return not self.text.strip()

    @property
    def indent(self) -> int:
        return len(self.text) - len(self.text.lstrip(" "))

    def within(self, length: int) -> _Line:
        """Return the line as a block sees it that begins after so many characters."""
        return _Line(self.outer + self.text[:length], self.text[length:], self.end)


_Reader = Callable[[Sequence[_Line], int, int], tuple[int, Iterable[_Piece]]]


def to_html(text: str) -> Markup:
    """Return a text as HTML; nothing where there is nothing in it to set."""
    pieces = _pieces(text)
    return Markup("".join(map(_html, pieces)))  # noqa: S704


def without_marks(text: str) -> str:
    """Return what is seen of a text, for where it can be shown as words alone; blank lines are left out."""
    pieces = _pieces(text)
    if not pieces:
        return text
    seen = "".join(map(_words, pieces))
    return re.sub(r"\n{2,}", "\n", seen).strip("\n")


@lru_cache(maxsize=64)  # a text is asked for as HTML and as words
def _pieces(text: str) -> tuple[_Piece, ...]:
    if len(text) > LONGEST or not any(sign in text for sign in "#-*.)`~|["):
        return ()
    ends = text.split("\n")
    lines = [_Line("", line, "\n") for line in ends[:-1]] + [_Line("", ends[-1], "")]
    pieces = tuple(_blocks(lines, 0))
    is_set = any(piece.kind == "mark" and piece.text.strip() for piece in pieces)
    return pieces if is_set else ()


def _html(piece: _Piece) -> str:
    if piece.kind == "seen":
        return escaped(piece.text)
    if piece.kind == "mark":
        return f"<i hidden>{escaped(piece.text)}</i>" if piece.text else ""
    return f"<{piece.text}>" if piece.kind == "begin" else f"</{piece.text}>"


def _words(piece: _Piece) -> str:
    if piece.kind == "seen":
        return piece.text
    if piece.kind == "mark":
        return "\n" if piece.text.endswith("\n") else ""
    return "  " if piece == _Piece("end", "td") or piece == _Piece("end", "th") else ""


def _blocks(lines: Sequence[_Line], depth: int) -> Iterator[_Piece]:
    at = 0
    while at < len(lines):
        if lines[at].is_blank:
            yield _Piece("mark", lines[at].outer + lines[at].text + lines[at].end)
            at += 1
            continue
        kind = _block_at(lines, at, depth) or _paragraph
        after, pieces = kind(lines, at, depth)
        yield from pieces
        at = after


def _block_at(lines: Sequence[_Line], at: int, depth: int) -> _Reader | None:
    """Return what reads the block that begins with a line; None where it is part of a paragraph."""
    text = lines[at].text
    if _FENCE.fullmatch(text):
        return _code
    if _HEADING.match(text) and _stands_alone(lines, at):
        return _heading
    if depth < _DEEPEST and _ITEM.match(text):
        return _list
    return _table if _is_table(lines, at) else None


def _stands_alone(lines: Sequence[_Line], at: int) -> bool:
    """Return whether a heading is no comment in code.

    Above it is a blank line or another one, and below a single # there is a blank line, or a table.
    """
    is_below = at > 0 and not lines[at - 1].is_blank and not _HEADING.match(lines[at - 1].text)
    is_last = at + 1 == len(lines) or lines[at + 1].is_blank or _is_table(lines, at + 1)
    return not is_below and (is_last or not lines[at].text.startswith("# "))


def _is_table(lines: Sequence[_Line], at: int) -> bool:
    if "|" not in lines[at].text or at + 1 == len(lines) or "|" not in lines[at + 1].text:
        return False
    delimiters = lines[at + 1].text.strip(" ").removeprefix("|").removesuffix("|").split("|")
    return all(map(_DELIMITER.fullmatch, delimiters)) and len(_cells(lines[at].text)) == len(delimiters)


def _paragraph(lines: Sequence[_Line], at: int, depth: int) -> tuple[int, Iterable[_Piece]]:
    after = at + 1
    while after < len(lines) and not lines[after].is_blank and not _interrupts(lines, after, depth):
        after += 1
    return after, _paragraph_pieces(lines[at:after])


def _interrupts(lines: Sequence[_Line], at: int, depth: int) -> bool:
    """Return whether a block begins within a paragraph; a number may also be the rest of a sentence."""
    found = _block_at(lines, at, depth)
    item = _ITEM.match(lines[at].text)
    return found is not None and not (found is _list and item is not None and item[3] not in {None, "1"})


def _paragraph_pieces(lines: Sequence[_Line]) -> Iterator[_Piece]:
    yield _Piece("begin", "p")
    for line in lines[:-1]:
        yield from _line(line, "seen")
    yield from _line(lines[-1], "mark")
    yield _Piece("end", "p")


def _line(line: _Line, end: Literal["seen", "mark"]) -> Iterator[_Piece]:
    yield _Piece("mark", line.outer)
    yield from _inline(line.text)
    yield _Piece(end, line.end)


def _heading(lines: Sequence[_Line], at: int, depth: int) -> tuple[int, Iterable[_Piece]]:
    (signs,) = _HEADING.match(lines[at].text).groups()  # type: ignore[union-attr]
    name = f"h{min(6, len(signs) + 3)}"  # below those of the page
    inner = lines[at].within(len(signs) + 1)
    return at + 1, (_Piece("begin", name), *_line(inner, "mark"), _Piece("end", name))


def _code(lines: Sequence[_Line], at: int, depth: int) -> tuple[int, Iterable[_Piece]]:
    """Read fenced code; a fence that nothing closes goes to the end, as where an answer was cut off."""
    (indent, fence) = _FENCE.fullmatch(lines[at].text).groups()  # type: ignore[union-attr]
    closing = re.compile(rf" {{0,3}}{fence[0]}{{{len(fence)},}} *")
    last = next((n for n in range(at + 1, len(lines)) if closing.fullmatch(lines[n].text)), len(lines))
    return min(last + 1, len(lines)), _code_pieces(lines, at, last, len(indent))


def _code_pieces(lines: Sequence[_Line], at: int, last: int, indent: int) -> Iterator[_Piece]:
    yield _Piece("begin", "pre")
    yield _Piece("mark", lines[at].outer + lines[at].text + lines[at].end)
    yield _Piece("begin", "code")
    for place in range(at + 1, last):
        line = lines[place].within(min(indent, lines[place].indent))
        yield _Piece("mark", line.outer)
        yield _Piece("seen", line.text)
        yield _Piece("mark" if place + 1 == last else "seen", line.end)
    yield _Piece("end", "code")
    for line in lines[last : last + 1]:
        yield _Piece("mark", line.outer + line.text + line.end)
    yield _Piece("end", "pre")


def _list(lines: Sequence[_Line], at: int, depth: int) -> tuple[int, Iterable[_Piece]]:
    (indent, _, number, _) = _ITEM.match(lines[at].text).groups()  # type: ignore[union-attr]
    is_numbered = number is not None
    pieces = [_Piece("begin", "ol" if is_numbered else "ul")]
    while at < len(lines):
        item = _ITEM.match(lines[at].text)
        if not item or (item[3] is not None) != is_numbered or len(item[1]) >= len(indent) + 2:
            break
        after = _end_of_item(lines, at, len(item[1]))
        inner = [line.within(min(line.indent, item.end())) for line in lines[at + 1 : after]]
        value = f'li value="{int(item[3])}"' if is_numbered else "li"
        content = _blocks([lines[at].within(item.end()), *inner], depth + 1)
        pieces += [_Piece("begin", value), *content, _Piece("end", "li")]
        at = after
    return at, (*pieces, _Piece("end", "ol" if is_numbered else "ul"))


def _end_of_item(lines: Sequence[_Line], at: int, indent: int) -> int:
    """Return where an item ends: with what is indented, and blank lines before that or the next item."""
    after = at + 1
    while after < len(lines):
        there = after
        while there < len(lines) and lines[there].is_blank:
            there += 1
        if there == len(lines):
            return after
        if lines[there].indent < indent + 2:
            return there if _ITEM.match(lines[there].text) else after
        after = there + 1
    return after


def _table(lines: Sequence[_Line], at: int, depth: int) -> tuple[int, Iterable[_Piece]]:
    after = at + 2
    while after < len(lines) and "|" in lines[after].text and not _block_at(lines, after, depth):
        after += 1
    return after, _table_pieces(lines[at], lines[at + 1], lines[at + 2 : after])


def _table_pieces(heads: _Line, delimiters: _Line, rows: Sequence[_Line]) -> Iterator[_Piece]:
    yield _Piece("begin", "table")
    yield _Piece("begin", "thead")
    below = _Piece("mark", heads.end + delimiters.outer + delimiters.text + delimiters.end)
    yield from _row(heads, "th", below)
    yield _Piece("end", "thead")
    if rows:
        yield _Piece("begin", "tbody")
        for row in rows:
            yield from _row(row, "td", _Piece("mark", row.end))
        yield _Piece("end", "tbody")
    yield _Piece("end", "table")


def _row(line: _Line, name: str, end: _Piece) -> Iterator[_Piece]:
    cells = _cells(line.text)
    yield _Piece("begin", "tr")
    for place, (before, cell, behind) in enumerate(cells):
        yield _Piece("begin", name)
        yield _Piece("mark", (line.outer if place == 0 else "") + before)
        yield from _inline(cell)
        yield _Piece("mark", behind)
        if place + 1 == len(cells):
            yield end
        yield _Piece("end", name)
    yield _Piece("end", "tr")


def _cells(text: str) -> list[tuple[str, str, str]]:
    """Return the cells of a row, each with the bars and spaces before and behind it."""
    found = []
    done = 0
    for match in _CELL.finditer(text):
        cell = match[0].strip(" ")
        if not cell and (match.start() == 0 or match.end() == len(text)):
            continue  # beside the bars around a row
        start = match.start() + match[0].index(cell)
        found.append((text[done:start], cell, ""))
        done = start + len(cell)
    if found:
        before, cell, _ = found[-1]
        found[-1] = before, cell, text[done:]
    return found


def _inline(text: str) -> list[_Piece]:
    """Return the pieces of a line: code, links, and emphasis between as many asterisks on both sides."""
    pieces: list[list[_Piece]] = []
    begun: list[tuple[int, int]] = []  # how many asterisks, and which piece they are
    places: dict[int, list[int]] = {1: [], 2: [], 3: []}  # in `begun`, of those that are still open
    done = 0
    for match in _INLINE.finditer(text):
        pieces.append([_Piece("seen", text[done : match.start()])])
        done = match.end()
        if not match[0].startswith("*"):
            pieces.append(_code_or_link(match))
            continue
        count, can_begin, can_end = len(match[0]), *_sides(text, match)
        pieces.append([_Piece("seen", match[0])])
        if can_end and places.get(count):
            opened = places[count][-1]
            names = _EMPHASIS[count]
            mark = _Piece("mark", match[0])
            pieces[begun[opened][1]] = [mark, *(_Piece("begin", name) for name in names)]
            pieces[-1] = [*(_Piece("end", name) for name in names[::-1]), mark]
            for of, _ in begun[opened:]:
                places[of].pop()
            del begun[opened:]
        elif can_begin and count in places:
            places[count].append(len(begun))
            begun.append((count, len(pieces) - 1))
    pieces.append([_Piece("seen", text[done:])])
    return [piece for group in pieces for piece in group]


def _sides(text: str, match: re.Match[str]) -> tuple[bool, bool]:
    """Return whether asterisks may begin and end emphasis: not within an ASCII word, as in ``2*3*4``."""
    before, behind = text[max(0, match.start() - 1) : match.start()], text[match.end() : match.end() + 1]
    can_begin = bool(behind.strip()) and not (before.isascii() and before.isalnum())
    can_end = bool(before.strip()) and not (behind.isascii() and behind.isalnum())
    return can_begin, can_end


def _code_or_link(match: re.Match[str]) -> list[_Piece]:
    whole, label, address = match[0], match[1], match[2]
    if label:
        return [
            _Piece("mark", "["),
            _Piece("begin", f'a href="{escaped(address)}" target="_blank" rel="noopener"'),
            _Piece("seen", label),
            _Piece("mark", "]"),
            _Piece("begin", "small"),
            _Piece("seen", f"({address})"),
            _Piece("end", "small"),
            _Piece("end", "a"),
        ]
    if whole[0] == "\\":
        return [_Piece("seen", whole)]
    ticks = "``" if whole.startswith("``") else "`"
    inside = whole[len(ticks) : -len(ticks)]
    return [
        _Piece("mark", ticks),
        _Piece("begin", "code"),
        _Piece("seen", inside),
        _Piece("end", "code"),
        _Piece("mark", ticks),
    ]
