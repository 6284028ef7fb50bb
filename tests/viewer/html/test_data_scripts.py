"""Values come out of data scripts as they were put in, whatever text they hold."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runlog_viewer.html.data_scripts import (
    data_script,
    packed,
    packed_sample,
    packed_script,
    read_data_script,
    sample_of,
    to_json,
    unpacked,
)


@given(st.text(st.characters(codec=None)))
def test_a_data_script_holds_any_text(text: str) -> None:
    script = data_script("index", to_json([text]))
    assert not set("\u2028\u2029") & set(script)
    (value,) = read_data_script(script)
    assert value == text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


@given(*[st.text(st.characters(exclude_categories=["Cs"]))] * 2)
def test_what_is_packed_comes_out_as_it_was(text: str, other: str) -> None:
    assert unpacked(packed(text)) == text
    for of in (other, "é" + other * 5000, text):  # the sample of a long one ends within a character
        sample = sample_of(of)
        assert unpacked(packed(text, sample), packed_sample(sample)) == text
    assert read_data_script(packed_script("captions-0", to_json([text]))) == [text]


@pytest.mark.parametrize("text", ["%", "AAAA", "a gallery"])
def test_what_was_not_packed_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"packed|base64|padding|alphabet"):
        unpacked(text)


def test_a_data_script_names_its_receiver() -> None:
    assert data_script("block-3", json.dumps({"a": 1})) == 'runlog.receive("block-3",{"a": 1});\n'
