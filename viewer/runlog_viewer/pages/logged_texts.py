"""Logged texts → what the pages show of them, and what is searched in them. Pure: no file is read."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import replace
from itertools import groupby
from operator import attrgetter

import runlog
from runlog_viewer.pages import site_names, wording
from runlog_viewer.pages.values import Text, Words

# A text past this many characters is no part of the data scripts of a block, which hold 32 steps and are
# written again with each new one: its beginning is there, and the rest is loaded when somebody opens it.
MAX_SHARED = 20_000
# A closed text shows three lines, on the page of its key twelve; more than its first characters would be laid
# out for nothing.
_LONG, _LONG_LINES = 240, 3
_START, _START_LINES = 1000, 12


def shown(records: Iterable[runlog.TextRecord], to_run_folder: str) -> tuple[Text, ...]:
    """Return texts as a page shows them; those of a step and key follow each other.

    `to_run_folder` is the link to there, ``""`` or ending in ``/``.
    """
    return tuple(
        Text(
            key=key,
            step=step,
            entries=tuple(map(_words, entries)),
            href=to_run_folder + site_names.step_page(step),
            all_steps=to_run_folder + site_names.key_page(key),
        )
        for (key, step), entries in groupby(records, attrgetter("key", "step"))
    )


def beside(texts: tuple[Text, ...], images: Mapping[str, int]) -> tuple[Text, ...]:
    """Return texts, those that belong to images with the key of these: a prompt, an answer for each image.

    `images` says how many each key has at the step. Texts belong to the one key in their own folder that has
    as many images as they are, or a list of them to the one key anywhere that has.
    """
    return tuple(replace(text, beside=_images_of(text, images)) for text in texts)


def _images_of(text: Text, images: Mapping[str, int]) -> str | None:
    count = len(text.entries)
    as_many = [key for key, of_key in images.items() if of_key == count]
    folder, _, _ = text.key.rpartition("/")
    here = [key for key in as_many if folder and key.rpartition("/")[0] == folder]
    found = here or (as_many if count > 1 else [])
    is_words = not any(words.are_numbers for words in text.entries)
    return found[0] if len(found) == 1 and is_words else None


def whole(texts: Iterable[Text]) -> dict[str, dict[int, str]]:
    """Return the texts that data scripts of blocks have only the beginning of, by key and index."""
    found: dict[str, dict[int, str]] = {}
    for text in texts:
        for words in text.entries:
            if words.digest is not None:
                found.setdefault(text.key, {})[words.index] = words.text
    return found


def searched(texts: Iterable[Text]) -> list[list[object]]:
    """Return step, key, None for the index, what is searched of the text, and 1 if that is not all of it."""
    return [
        [text.step, text.key, None, words.text[:MAX_SHARED], *([1] if words.digest is not None else [])]
        for text in texts
        for words in text.entries
    ]


def _words(record: runlog.TextRecord) -> Words:
    numbers = record.numbers
    text = record.text if numbers is None else ", ".join(map(_number, numbers))
    return Words(
        index=record.index,
        text=text,
        start=text[:_START] if _is_long(text) else None,
        has_more=len(text) > _START,
        is_brief=len(text) <= _START and _lines(text) <= _START_LINES,
        length=_length(text) if numbers is None else wording.plural(len(numbers), "number"),
        digest=_digest(text) if len(text) > MAX_SHARED else None,
        are_numbers=numbers is not None,
    )


def _number(value: float) -> str:
    return str(value) if isinstance(value, int) else wording.number(value)


def _is_long(written: str) -> bool:
    return len(written) > _LONG or _lines(written) > _LONG_LINES


def _lines(written: str) -> int:
    return written.rstrip("\n").count("\n") + 1


def _length(written: str) -> str:
    lines = _lines(written)
    return wording.plural(lines, "line") if lines > _LONG_LINES else wording.plural(len(written), "character")


def _digest(written: str) -> str:
    return hashlib.sha256(written.encode("utf-8", "surrogatepass")).hexdigest()[:16]
