"""Scores as text: many are parsed at once, and each must be one JSON object of numbers for itself."""

from __future__ import annotations

import math

import pytest

from runlog.basics.jsontext import scores_from_json, scores_to_json


def test_many_texts_are_parsed_as_each_would_be() -> None:
    every = [{}, {"a": 1.0, "b, c": math.inf}, {'"}': -2.5}, {"}": 0.1}]
    assert scores_from_json(list(map(scores_to_json, every))) == every


@pytest.mark.parametrize(
    "texts",
    [
        pytest.param(["{},{}", '{"a":1', '"b":2}'], id="an object over two"),
        pytest.param(["{},{}", '{"x}', '{y":1}'], id="a name over two"),
        pytest.param(["{},{}", '{"x"}', '{"y":1}'], id="no object"),
        pytest.param(["{},{}"], id="two objects"),
        pytest.param(["{},{}", ""], id="two and none"),
        pytest.param(["{}", '{"a":[1]}'], id="a list"),
        pytest.param(["{}", '{"a":"1"}'], id="a string"),
        pytest.param(["{}", '{"a":{"b":1}}'], id="nested"),
        pytest.param(["{}", "1"], id="a number"),
        pytest.param(["{}", "{" * 100_000], id="without end"),
    ],
)
def test_a_text_is_not_made_up_for_by_another(texts: list[str]) -> None:
    with pytest.raises(ValueError, match=r"."):
        scores_from_json(texts)
