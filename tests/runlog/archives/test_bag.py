"""The text files of a bag: what is written is read back, whatever files are called."""

from __future__ import annotations

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

import runlog
from runlog.archives import bag
from runlog.storage.layout import is_inside

paths = st.text(st.characters(exclude_categories=("Cs", "Cc")), min_size=1).filter(
    lambda path: is_inside(path) and not path[0].isspace()
)


def digest(path: str) -> str:
    return hashlib.sha256(path.encode()).hexdigest()


@given(st.sets(paths))
def test_a_manifest_is_read_back_as_it_was_written(names: set[str]) -> None:
    digests = {name: digest(name) for name in names}
    text = bag.manifest(digests)
    assert bag.read_manifest(text, "manifest") == digests
    assert bag.manifest(dict(reversed(digests.items()))) == text


def test_percent_signs_are_written_as_the_standard_says() -> None:
    text = bag.manifest({"data/100%": "a" * 64})
    assert text == f"{'a' * 64}  data/100%25\n"
    assert bag.read_manifest(text, "manifest") == {"data/100%": "a" * 64}


@given(st.text())
def test_any_text_is_read_or_refused_in_our_own_words(text: str) -> None:
    try:
        digests = bag.read_manifest(text, "manifest")
    except runlog.InvalidValueError:
        return
    assert bag.read_manifest(bag.manifest(digests), "manifest") == digests


def test_the_size_of_the_payload_is_read_back() -> None:
    info = bag.tag_files(["r"], "data/r/index.html", files=7, size=12345)[bag.INFO]
    assert bag.read_oxum(info) == (12345, 7)
    assert bag.read_oxum("Source-Organization: nobody\n") is None


@pytest.mark.parametrize("run_ids", [["r"], ["a", "b"]])
def test_the_front_page_names_what_is_in_the_bag(run_ids: list[str]) -> None:
    page = bag.tag_files(run_ids, "data/index.html", files=1, size=1)[bag.FRONT_PAGE]
    assert ("2 runs" if len(run_ids) == 2 else "<title>r</title>") in page
    assert "<script" not in page
