"""Dicts and arrays inside frozen values: they read like any other, and cannot change."""

from __future__ import annotations

import copy
import json
import pickle
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from runlog.basics.frozen import FrozenDict, frozen_array

CHANGES: dict[str, Callable[[dict[str, int]], Any]] = {
    "set": lambda d: d.__setitem__("a", 2),
    "delete": lambda d: d.__delitem__("a"),
    "clear": lambda d: d.clear(),
    "pop": lambda d: d.pop("a"),
    "popitem": lambda d: d.popitem(),
    "setdefault": lambda d: d.setdefault("b", 2),
    "update": lambda d: d.update(b=2),
    "merge in place": lambda d: d.__ior__({"b": 2}),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=list(CHANGES))
def test_no_way_of_changing_a_dict_works(change: Callable[[dict[str, int]], Any]) -> None:
    frozen = FrozenDict({"a": 1})
    with pytest.raises(TypeError, match="frozen value"):
        change(frozen)
    assert frozen == {"a": 1}


def test_it_is_a_dict_to_everybody_else() -> None:
    frozen = FrozenDict({"a": 1, "b": 2})
    assert frozen == {"a": 1, "b": 2}
    assert json.dumps(frozen) == '{"a": 1, "b": 2}'
    assert {**frozen, "c": 3} == {"a": 1, "b": 2, "c": 3}
    assert frozen | {"c": 3} == {"a": 1, "b": 2, "c": 3}


def test_a_change_to_its_source_does_not_reach_it() -> None:
    source = {"a": 1}
    frozen = FrozenDict(source)
    source["a"] = 2
    assert frozen == {"a": 1}


def test_equal_dicts_have_equal_hashes_in_any_order() -> None:
    assert hash(FrozenDict({"a": 1, "b": 2})) == hash(FrozenDict({"b": 2, "a": 1}))


@pytest.mark.parametrize("again", [copy.copy, copy.deepcopy, lambda d: pickle.loads(pickle.dumps(d))])
def test_a_copy_is_equal_and_as_frozen(again: Callable[[Any], Any]) -> None:
    copied = again(FrozenDict({"a": 1}))
    assert copied == {"a": 1}
    with pytest.raises(TypeError, match="frozen value"):
        copied["a"] = 2


def test_a_frozen_array_refuses_to_be_written() -> None:
    array = frozen_array(np.zeros(3))
    with pytest.raises(ValueError, match="read-only"):
        array[0] = 1
