"""Arguments that must be integers take those of any library, and refuse the rest in our own words."""

from __future__ import annotations

from collections.abc import Callable
from enum import IntEnum
from typing import Any

import numpy as np
import pytest

import runlog
from runlog.images.checks import check_class_id
from runlog.storage.layout import check_step
from runlog.values.histogram import Histogram
from runlog.writing.settings import read_settings
from runlog.writing.watching import check_watch


class Model:
    def named_parameters(self) -> list[tuple[str, Any]]:
        return []


class Digit(IntEnum):
    THREE = 3


class Foreign:
    """An integer of a library that cannot say just now which one, as a tensor on a device that is gone."""

    def __index__(self) -> int:
        raise RuntimeError("device lost")


ARGUMENTS: dict[str, Callable[[Any], Any]] = {
    "step": check_step,
    "num_bins": lambda value: len(Histogram([0.0, 0.5], num_bins=value).counts),
    "log_freq": lambda value: check_watch(Model(), "all", value)[0],
    "encode_threads": lambda value: read_settings(encode_threads=value).encode_threads,
    "grouping": lambda value: runlog.Image(np.zeros((2, 2), np.uint8), grouping=value).grouping,
    "class id": lambda value: check_class_id(value, "class id"),
}
of_each_argument = pytest.mark.parametrize("argument", ARGUMENTS)


@of_each_argument
@pytest.mark.parametrize(
    "given", [3, np.int64(3), np.uint8(3), np.array(3), Digit.THREE], ids=lambda one: type(one).__name__
)
def test_an_integer_of_any_type_is_a_plain_one_afterwards(argument: str, given: object) -> None:
    found = ARGUMENTS[argument](given)
    assert (found, type(found)) == (3, int)


@of_each_argument
@pytest.mark.parametrize(
    "given", [Foreign(), 3.0, np.float32(3), b"3", [3]], ids=lambda one: type(one).__name__
)
def test_what_is_no_integer_is_refused_by_the_name_of_the_argument(argument: str, given: object) -> None:
    with pytest.raises(runlog.InvalidTypeError, match=f"^{argument} must be an integer"):
        ARGUMENTS[argument](given)


@pytest.mark.parametrize("argument", ["step", "num_bins", "log_freq", "encode_threads"])
@pytest.mark.parametrize("given", [True, np.True_], ids=["bool", "numpy"])
def test_a_bool_is_no_number_of_something(argument: str, given: object) -> None:
    with pytest.raises(runlog.InvalidTypeError, match=f"^{argument} must be an integer"):
        ARGUMENTS[argument](given)
