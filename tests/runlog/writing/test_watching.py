"""`run.watch`: histograms of the gradients and parameters of a model, logged with the next call."""

from __future__ import annotations

import gc
import math
import subprocess
import sys
import weakref
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

import runlog
from runlog.writing.watching import counted_there, histogram_of

torch = pytest.importorskip("torch", reason="torch is not installed, so models were NOT watched")

Start = Callable[..., runlog.LocalRun]


@pytest.fixture
def model() -> torch.nn.Module:
    """Return a model of two layers, the first of which is frozen."""
    torch.manual_seed(0)
    made = torch.nn.Sequential(torch.nn.Linear(3, 4), torch.nn.Linear(4, 1))
    made[0].requires_grad_(False)
    return made


def learn(model: torch.nn.Module) -> None:
    model.zero_grad()
    model(torch.ones(2, 3)).sum().backward()


def logged(run: runlog.LocalRun) -> dict[tuple[str, int], runlog.Histogram]:
    with runlog.open(run.folder) as reader:
        return {(record.key, record.step): record.histogram for record in reader.histograms()}


def test_gradients_come_with_the_next_call_at_its_step(start: Start, model: torch.nn.Module) -> None:
    with start() as run:
        run.watch(model)
        learn(model)
        run.log({"loss": 1.0}, step=7)
        run.log({"loss": 1.0}, step=8)
    found = logged(run)
    assert set(found) == {("gradients/1.weight", 7), ("gradients/1.bias", 7)}
    gradient = model[1].weight.grad
    weights = found["gradients/1.weight", 7]
    assert weights.counts.sum() == gradient.numel()
    assert (weights.edges[0], weights.edges[-1]) == pytest.approx(
        (gradient.min().item(), gradient.max().item())
    )


@pytest.mark.parametrize(
    ("what", "kinds"),
    [("gradients", {"gradients"}), ("parameters", {"parameters"}), ("all", {"gradients", "parameters"})],
)
def test_what_is_counted_can_be_chosen(
    start: Start, model: torch.nn.Module, what: str, kinds: set[str]
) -> None:
    with start() as run:
        run.watch(model, log=what)  # type: ignore[arg-type]
        learn(model)
        run.log({})
    assert {key.partition("/")[0] for key, _ in logged(run)} == kinds


def test_every_so_many_passes_are_counted_the_first_included(start: Start, model: torch.nn.Module) -> None:
    with start() as run:
        run.watch(model, log_freq=3)
        for step in range(8):
            learn(model)
            run.log({"loss": 1.0}, step=step)
    assert {step for _, step in logged(run)} == {0, 3, 6}


def test_a_key_that_the_script_logs_itself_is_its_own(start: Start, model: torch.nn.Module) -> None:
    with start() as run:
        run.watch(model)
        learn(model)
        run.log({"gradients/1.bias": runlog.Histogram([1, 2, 3])}, step=0)
    assert logged(run)["gradients/1.bias", 0].counts.sum() == 3


def test_a_model_that_is_watched_no_more_is_not_counted(start: Start, model: torch.nn.Module) -> None:
    other = torch.nn.Linear(3, 1)
    with start() as run:
        for leave in (lambda: run.unwatch(model), run.unwatch):
            run.watch(model)
            run.watch(other)
            leave()
            learn(model)
            run.log({"loss": 1.0})
        run.watch(model)
    assert logged(run) == {}
    assert not model[1].weight._backward_hooks


def test_a_second_model_has_keys_of_its_own_and_one_watched_again_is_counted_once(
    start: Start, model: torch.nn.Module
) -> None:
    other = torch.nn.Sequential(torch.nn.Linear(3, 4), torch.nn.Linear(4, 1))
    with start() as run:
        run.watch(model)
        run.watch(other)
        learn(model)
        learn(other)
        run.log({}, step=0)
    keys = {key for key, _ in logged(run)}
    assert {"gradients/1.weight", "gradients/1/1.weight", "gradients/1/0.weight"} <= keys
    assert len(keys) == 2 + 4


def test_neither_the_model_nor_the_run_is_kept_alive(start: Start) -> None:
    model, run = torch.nn.Linear(2, 1), start()
    run.watch(model, log="all")
    model(torch.ones(1, 2)).sum().backward()
    run.log({"loss": 1.0})
    seen = [weakref.ref(model), weakref.ref(model.weight)]
    del model
    gc.collect()
    assert [one() for one in seen] == [None, None]
    run.finish()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((object(),), r"model must have named_parameters\(\), as torch modules do, but got <object"),
        (
            (torch.nn.Linear(1, 1), "weights"),
            "log must be one of gradients, parameters, all, but got 'weights'",
        ),
        ((torch.nn.Linear(1, 1), "all", 0), "log_freq must be at least 1, but got 0"),
        ((torch.nn.Linear(1, 1), "all", 1.5), "log_freq must be an integer, but got 1.5"),
    ],
)
@pytest.mark.parametrize("mode", ["local", "disabled"])
def test_other_arguments_are_refused(
    start: Start, arguments: tuple[object, ...], message: str, mode: str
) -> None:
    with start(mode=mode) as run, pytest.raises(runlog.RunlogError, match=message):
        run.watch(*arguments)  # type: ignore[arg-type]


def test_what_cannot_be_counted_is_said_once_and_training_goes_on(start: Start) -> None:
    class Odd:
        requires_grad = True

        def register_hook(self, hook: Callable[[object], object]) -> Odd:
            self.hook = hook
            return self

        def remove(self) -> None: ...

        def named_parameters(self) -> Iterator[tuple[str, Odd]]:
            yield "odd", self

    odd = Odd()
    with start() as run:
        run.watch(odd, log_freq=1)
        with pytest.warns(runlog.RunlogWarning, match=r"watch\(\) could not count 'odd'") as told:
            odd.hook("no tensor")
            odd.hook("no tensor")
    assert len(told) == 1


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64, torch.float16, torch.bfloat16])
def test_a_tensor_is_counted_as_its_numbers_are(dtype: torch.dtype) -> None:
    values = torch.randn(1000, dtype=torch.float64).to(dtype)
    on_device, by_numpy = counted_there(values.reshape(10, 100)), runlog.Histogram(values)
    assert on_device.edges == pytest.approx(by_numpy.edges)
    assert on_device.counts.sum() == 1000
    # A number on an edge may be counted on its other side: torch rounds as the type does.
    assert np.abs(np.cumsum(on_device.counts) - np.cumsum(by_numpy.counts)).max() <= 3


def test_numbers_that_are_not_finite_are_counted_beside() -> None:
    found = counted_there(torch.tensor([math.nan, math.inf, -math.inf, -math.inf, 0.0, 1.0, 1.0]))
    assert (found.nan_count, found.negative_infinity_count, found.positive_infinity_count) == (1, 2, 1)
    assert (found.counts[0], found.counts[-1], found.counts.sum()) == (1, 2, 3)
    assert counted_there(torch.tensor([math.nan])).counts.size == 0
    assert counted_there(torch.zeros(0)).counts.size == 0


@pytest.mark.parametrize("value", [0.0, 5.0, 1e10, -3e38, 1e-45])
def test_one_number_alone_is_in_the_middle(value: float) -> None:
    found = counted_there(torch.full((5,), value))
    assert found.counts.sum() == 5
    assert (np.diff(found.edges) > 0).all()
    at = found.counts.argmax()
    assert found.edges[at] <= np.float32(value) <= found.edges[at + 1]


def test_more_numbers_than_a_float_counts_are_counted() -> None:
    found = counted_there(torch.zeros(1, dtype=torch.float32).expand((1 << 24) + 5))
    assert found.counts.sum() == (1 << 24) + 5


def test_a_sparse_gradient_is_counted_with_its_zeros() -> None:
    found = histogram_of(torch.sparse_coo_tensor([[1]], [2.0], (4,), check_invariants=True))
    assert found.counts.sum() == 4


def test_watching_imports_no_torch(tmp_path: Path) -> None:
    script = f"""
import sys, runlog
with runlog.init(dir={str(tmp_path)!r}, quiet=True) as run:
    run.unwatch()
    run.log({{"a": runlog.Histogram([1, 2])}})
print("torch" in sys.modules)
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


def test_a_model_that_is_not_ready_is_refused_and_no_hook_stays(start: Start) -> None:
    lazy = torch.nn.Sequential(torch.nn.Linear(3, 4), torch.nn.LazyLinear(2))
    with start() as run:
        with pytest.raises(runlog.InvalidValueError, match="once it has seen a batch"):
            run.watch(lazy)
        assert not lazy[0].weight._backward_hooks
        lazy(torch.ones(1, 3))
        run.watch(lazy, log_freq=1)
        lazy(torch.ones(1, 3)).sum().backward()
        run.log({})
    with pytest.raises(runlog.InvalidValueError, match="must be open to be written, but it is finished"):
        run.watch(lazy)
    assert not lazy[0].weight._backward_hooks
