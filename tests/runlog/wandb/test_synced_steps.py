"""Steps that a metric says: what it says where that is free, and no value in place of another."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runlog.writing.synced_steps import SyncedSteps

CALLS = st.lists(
    st.tuples(
        st.none() | st.integers(0, 6),
        st.dictionaries(st.sampled_from("abc"), st.sampled_from([1.0, 2.0, "picture"]), min_size=1),
    ),
    max_size=12,
)


@given(CALLS)
def test_no_value_takes_the_place_of_another(calls: list[tuple[int | None, dict[str, Any]]]) -> None:
    steps = SyncedSteps()
    steps.metric = "n"
    held: dict[tuple[str, int], Any] = {}
    current = 0
    for said, values in calls:
        before = dict(held)
        data = values if said is None else {**values, "n": said}
        step = steps.step_of(data, current)
        assert step is not None
        assert step >= (current if said is None else said)
        for key, value in values.items():
            # A number that is there already may be logged again; a picture never takes another's place.
            assert (key, step) not in before or (before[key, step] == value != "picture")
            held[key, step] = value
        if said is not None and all((key, at) not in before for key in values for at in range(said, 99)):
            assert step == said
        current = step


@given(st.one_of(st.floats(), st.integers(-5, 5), st.text(max_size=2), st.none()))
def test_a_metric_that_is_no_step_leaves_the_step_as_it_is(value: Any) -> None:
    steps = SyncedSteps()
    steps.metric = "n"
    is_step = isinstance(value, (int, float)) and value >= 0 and float(value).is_integer() and value < 2**63
    assert steps.step_of({"n": value, "a": 1}, 3) == (int(value) if is_step else 3)


def test_without_such_a_metric_the_run_decides() -> None:
    assert SyncedSteps().step_of({"a": 1}, 3) is None


def test_a_tensor_that_learns_is_its_number_without_a_warning() -> None:
    torch = pytest.importorskip("torch", reason="torch is not installed: NOT TESTED")
    steps = SyncedSteps()
    steps.metric = "n"
    assert steps.step_of({"n": torch.tensor(4), "a": torch.tensor(1.0, requires_grad=True)}, 0) == 4
    assert steps.step_of({"n": torch.tensor([4]), "a": torch.tensor(2.0, requires_grad=True)}, 0) == 5
