"""What the scripts in ``others`` log, as it must be in a run here."""

from __future__ import annotations

import math

import numpy as np

import runlog

NAMES = {0: "ground", 1: "cat", 2: "dog"}
ROWS = np.arange(6 * 8).reshape(6, 8)


def pixels(step: int) -> np.ndarray:
    return np.stack([ROWS * 5, ROWS * 3, ROWS + 40 * step], 2).astype(np.uint8)


def check(reader: runlog.RunReader, *, finished: bool) -> None:
    """Compare all that a run holds with what ``log_with_wandb.py`` logs."""
    run = reader.run()
    assert (run.project, run.group, run.tags, run.notes) == ("shapes", "pairs", ("small",), "two steps")
    assert (run.name, run.state) == (("finished", "finished") if finished else ("killed", "failed"))
    assert {name: run.config[name] for name in ("rate", "net")} == {"rate": 0.1, "net": {"depth": 3}}
    assert run.config["wandb"]["job_type"] == "train"
    _check_numbers(reader, last=2 if finished else len(reader.steps()))
    for step in range(2):
        _check_pictures(reader, step)
        table = reader.table("rows", step)
        assert table.columns == ("word", "number")
        assert [tuple(row) for row in table.rows()] == [("a", 1), ("b", 2.5 + step), (None, -1)]
    assert [(text.key, text.step, text.text) for text in reader.texts()] == [
        ("say", 0, "step 0"),
        ("say", 1, "step 1"),
    ]
    for histogram in reader.histograms():
        assert histogram.counts.tolist() == [1, 0, 2]
        assert histogram.edges.tolist() == [0.0, 0.5, 1.0, 2.0]
    pages = [file for file in reader.files() if file.key == "page"]
    assert [(file.kind, (reader.folder / file.path).read_bytes()) for file in pages] == [
        ("html", b"<b>hi</b>")
    ] * 2
    (output,) = [file for file in reader.files() if file.key is None]
    assert (reader.folder / output.path).read_text() == "begun\n"
    times = [step.logged_at for step in reader.steps()]
    assert times == sorted(times)
    assert run.created_at <= times[0]
    assert run.finished_at == times[-1]


def numbers(reader: runlog.RunReader) -> dict[str, dict[int, float]]:
    """Return the scalars of a run by key and step."""
    return {
        series.key: dict(zip(series.steps.tolist(), series.values.tolist(), strict=True))
        for series in reader.scalars()
    }


def _check_numbers(reader: runlog.RunReader, *, last: int) -> None:
    found = numbers(reader)
    assert found["loss"] == {step: 1 / (step + 1) for step in range(last)}
    assert found["epoch"] == {step: step / 2 for step in range(last)}
    assert found["nested.a"] == {0: 0, 1: 1}
    assert found["far"] == {0: -math.inf, 1: -math.inf}
    assert list(map(math.isnan, found["bad"].values())) == [True, True]
    assert sorted(found) == ["bad", "epoch", "far", "loss", "nested.a"]
    assert reader.run().summary["loss"] == 1 / last
    assert reader.run().summary.get("best") == 0.5
    (loss,) = [metric for metric in reader.metrics() if metric.pattern == "loss"]
    assert (loss.step_metric, loss.summary) == ("epoch", "min")


def _check_pictures(reader: runlog.RunReader, step: int) -> None:
    one, left, right = [image for image in reader.images() if image.step == step]
    assert [image.key for image in (one, left, right)] == ["val/one", "val/two", "val/two"]
    assert [image.caption for image in (one, left, right)] == [f"step {step}", "left", None]
    assert np.array_equal(reader.pixels(one), pixels(step))
    assert np.array_equal(reader.pixels(left), pixels(step))
    assert np.array_equal(reader.pixels(right), 255 - pixels(step))
    (layer,) = one.boxes
    assert (layer.name, layer.class_labels) == ("predictions", NAMES)
    assert layer.boxes == (
        runlog.Box("min_max", "fraction", (0.25, 0.5, 0.1, 0.9), 1, "a cat", {"confidence": 0.75}),
        runlog.Box("middle", "pixel", (4, 3, 2, 3), 2),
    )
    for image in (one, left):
        (mask,) = image.masks
        assert (mask.name, mask.class_labels) == ("truth", NAMES)
        assert np.array_equal(reader.class_ids(image, "truth"), ROWS % 3)
    assert (right.boxes, right.masks) == ((), ())


def check_trackio(reader: runlog.RunReader) -> None:
    """Compare all that a run holds with what ``log_with_trackio.py`` logs to the first."""
    run = reader.run()
    assert (run.project, run.name, run.group, run.state) == ("shapes", "first", "pairs", "finished")
    assert {name: run.config[name] for name in ("rate", "net")} == {"rate": 0.1, "net": {"depth": 3}}
    assert set(run.config) == {"rate", "net", "trackio"}
    found = numbers(reader)
    assert list(map(math.isnan, found.pop("bad").values())) == [True, True]
    assert found == {
        "loss": {0: 1, 10: 0.5},
        "far": {0: -math.inf, 10: -math.inf},
        "nested.a": {0: 0, 10: 1},
    }
    # trackio adds an alpha channel to pictures.
    for step in range(2):
        (image,) = [image for image in reader.images() if image.step == 10 * step]
        assert (image.key, image.caption) == ("val/one", f"step {step}")
        assert np.array_equal(reader.pixels(image)[..., :3], pixels(step))
        table = reader.table("rows", 10 * step)
        assert table.columns == ("word", "number", "picture")
        (a, one, first), (b, two, second) = table.rows()
        assert (a, one, b, two) == ("a", 1, "b", 2.5 + step)
        assert np.array_equal(reader.pixels(first)[..., :3], pixels(step))
        assert np.array_equal(reader.pixels(second)[..., :3], 255 - pixels(step))
    texts = [(text.key, text.step, text.text) for text in reader.texts()]
    assert sorted(texts) == [
        ("note", 0, "*hi*"),
        ("note", 10, "*hi*"),
        ("say", 0, "step 0"),
        ("say", 10, "step 1"),
    ]
    for histogram in reader.histograms():
        assert (histogram.counts.tolist(), histogram.edges.tolist()) == ([1, 0, 2], [0.0, 0.5, 1.0, 2.0])
    pages = reader.files()
    assert [page.key for page in pages] == ["page", "page"]
    assert all(b"<b>hi</b>" in (reader.folder / page.path).read_bytes() for page in pages)
    times = [step.logged_at for step in reader.steps()]
    assert times == sorted(times)
    assert run.created_at <= times[0]
    assert run.finished_at == times[-1]
