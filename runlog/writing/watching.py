"""`run.watch`: histograms of what a model learns. One of torch is told by its shape, and not imported."""

from __future__ import annotations

import math
import weakref
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import Any, Literal, get_args

import numpy as np

from runlog.basics.integers import integer
from runlog.errors import InvalidTypeError, InvalidValueError, one_of, shown, warn
from runlog.values.histogram import Histogram, divisible_range, equal_edges

Watched = Literal["gradients", "parameters", "all"]

# A float32 counts up to here: a tensor counts in its own type.
_MOST_COUNTED = 1 << 24


class Watches:
    """The models of a run that are watched, and what was counted of them since it was last taken."""

    def __init__(self) -> None:
        self._handles: dict[int, list[Any]] = {}
        self._models = 0
        self._counted: dict[str, Histogram] = {}
        self._has_failed = False

    def add(self, model: Any, log: Watched, log_freq: int) -> None:
        """Count a model from its next backward pass on; one that is watched already is watched anew.

        Raises
        ------
        InvalidTypeError, InvalidValueError
            As of `LocalRun.watch`.
        """
        every, named = check_watch(model, log, log_freq)
        self.remove(model)
        # Of a second model, the parameters may have the names of the first.
        place = f"{self._models}/" if self._models else ""
        self._models += 1
        handles = self._handles[id(model)] = []
        for name, parameter in named:
            counted = _Parameter(f"{place}{name}", parameter, log, every)
            try:
                if parameter.requires_grad:
                    handles.append(parameter.register_hook(partial(self._at_gradient, counted)))
            except Exception as error:  # noqa: BLE001 - the parameters are foreign code
                self.remove(model)
                raise InvalidValueError(
                    f"model must have parameters that can be counted, but {name}: {shown(error)}; "
                    "a lazy one has them once it has seen a batch"
                ) from None

    def remove(self, model: Any = None) -> None:
        """Count a model no more; without one, none of them."""
        for key in [id(model)] if model is not None else list(self._handles):
            for handle in self._handles.pop(key, ()):
                handle.remove()

    def counted(self) -> Mapping[str, Histogram]:
        """Return what was counted and not yet logged, by key."""
        return dict(self._counted)

    def forget(self, logged: Mapping[str, Histogram]) -> None:
        """Drop what has been logged, but for what was counted again meanwhile."""
        for key, histogram in logged.items():
            if self._counted.get(key) is histogram:
                del self._counted[key]

    def _at_gradient(self, parameter: _Parameter, gradient: Any) -> None:
        """Note a backward pass; whatever goes wrong must not end a training run."""
        try:
            self._counted.update(parameter.at_gradient(gradient))
        except Exception as error:  # noqa: BLE001 - the tensors are foreign code
            if not self._has_failed:
                self._has_failed = True
                warn(f"watch() could not count {parameter.name!r}: {shown(error)} (said once)")


class _Parameter:
    """One parameter: every so many backward passes, its gradient or itself is counted."""

    def __init__(self, name: str, parameter: Any, log: Watched, every: int) -> None:
        self.name = name
        self._parameter = weakref.ref(parameter)  # which holds its hooks, and these this
        self._log, self._every, self._passes = log, every, 0

    def at_gradient(self, gradient: Any) -> Mapping[str, Histogram]:
        """Return what is counted of this pass, by key."""
        self._passes += 1
        if (self._passes - 1) % self._every:
            return {}
        counted = {}
        if self._log != "parameters":
            counted[f"gradients/{self.name}"] = histogram_of(gradient)
        if self._log != "gradients" and (parameter := self._parameter()) is not None:
            counted[f"parameters/{self.name}"] = histogram_of(parameter)
        return counted


def histogram_of(tensor: Any) -> Histogram:
    """Return the histogram of a tensor; one on another device is counted there, and gives away counts."""
    values = tensor.detach()
    if getattr(values, "is_sparse", False):
        values = values.to_dense()
    # On the processor numpy takes a quarter of the time that torch does.
    return Histogram(values) if values.device.type == "cpu" else counted_there(values)


def counted_there(values: Any) -> Histogram:
    """Return the histogram of a tensor, by what torch does on its device."""
    is_double = str(values.dtype).endswith("float64")
    values = (values if is_double else values.float()).flatten()
    beside: tuple[int, ...] = (0, 0, 0)
    if math.prod(values.shape) and not (math.isfinite(values.min()) and math.isfinite(values.max())):
        beside = tuple(
            int(found.sum()) for found in (values.isnan(), values == -math.inf, values == math.inf)
        )
        values = values[values.isfinite()]
    if not math.prod(values.shape):
        return Histogram.of_counts(np.zeros(0), np.zeros(0, np.int64), *beside)
    bins = Histogram.DEFAULT_BINS
    low, high = divisible_range(
        float(values.min()), float(values.max()), bins, np.float64 if is_double else np.float32
    )
    counts = np.zeros(bins, np.int64)
    for part in values.split(_MOST_COUNTED):
        counts += np.asarray(part.histc(bins, low, high).tolist(), np.int64)
    return Histogram.of_counts(equal_edges(low, high, bins), counts, *beside)


def check_watch(model: Any, log: object, log_freq: object) -> tuple[int, list[tuple[str, Any]]]:
    """Return `log_freq` and the named parameters of a model, or raise as `LocalRun.watch` does."""
    named: Callable[[], Iterable[tuple[str, Any]]] | None = getattr(model, "named_parameters", None)
    if not callable(named):
        raise InvalidTypeError(
            f"model must have named_parameters(), as torch modules do, but got {shown(model)}"
        )
    one_of("log", log, get_args(Watched))
    if (passes := integer(log_freq)) is None:
        raise InvalidTypeError(f"log_freq must be an integer, but got {shown(log_freq)}")
    if passes < 1:
        raise InvalidValueError(f"log_freq must be at least 1, but got {shown(log_freq)}")
    return passes, list(named())
