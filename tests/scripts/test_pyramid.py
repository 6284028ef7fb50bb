"""What charts draw of a series, at any zoom, is what all its points say."""

from __future__ import annotations

import json
import math
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from playwright._impl._driver import compute_driver_executable

import runlog
from runlog_viewer.building.series import AllSeries
from runlog_viewer.html import data_scripts
from runlog_viewer.html.scripts import STATIC
from runlog_viewer.pages import site_names

COUNTS = (1, 2, 240, 1023, 1024, 1025, 8191, 8192, 20_011, 70_000)


def values_of(random: np.random.Generator, count: int) -> np.ndarray:
    """Return a noisy descent with spikes, gaps and, at times, none but gaps for a while."""
    values = 3 * np.exp(-np.arange(count) / (1 + count / 5)) + random.standard_normal(count) * 0.05
    spikes = random.random(count)
    values[spikes < 0.001] *= 100
    values[spikes > 0.995] = random.choice([math.nan, math.inf, -math.inf])
    values[count // 3 : count // 3 + count // 20] = math.nan
    return values


def steps_of(random: np.random.Generator, count: int, kind: str) -> np.ndarray:
    """Return ascending steps: all, with gaps of any width, or close ones and then far ones."""
    if kind == "all":
        return np.arange(count)
    if kind == "random":
        return np.cumsum(random.integers(1, 2000, count))
    return np.cumsum(np.where(np.arange(count) < count * 0.9, 1, 500))


def site(steps: np.ndarray, values: np.ndarray, order: Sequence[int]) -> Mapping[str, str]:
    """Return the data scripts of a series that is logged in a few parts, each written when it is there."""
    series = AllSeries()
    moments = {int(step): int(step) * 20 for step in steps}
    files: dict[str, str] = {}
    for revision, part in enumerate(np.array_split(order, 3)):
        if part.size:
            at = np.sort(part)
            series.replace(steps[at].tolist(), [runlog.ScalarSeries("k", steps[at], values[at])])
            files |= series.scripts(moments, revision, is_anew=False)
    return {name: json.dumps(file) for name, file in files.items()}


def drawn(sites: Sequence[Mapping[str, str]], views: Sequence[Any], tmp_path: Path) -> list[Any]:
    """Return the columns that scripts draw of each site in each view, once all they ask for is loaded."""
    given = tmp_path / "given.json"
    given.write_text(json.dumps([sites, views, f"{site_names.VIEWER}/"]))
    script = f"""
        import {{readFileSync}} from 'node:fs';
        import * as series from '{(STATIC / "data/series.js").as_uri()}';
        import * as live from '{(STATIC / "data/live.js").as_uri()}';
        const [sites, views, viewer] = JSON.parse(readFileSync({json.dumps(str(given))}));
        let files;
        const handed = new Map();
        // As a browser does it: a script element runs, and hands over what it holds.
        const run = (element) => {{
          document.currentScript = element;
          const text = JSON.parse(files[element.src.split('?')[0]]);
          new Function('runlog', text)({{receive: live.receive}});
          element.onload();
        }};
        globalThis.document = {{head: {{append: run}}, createElement: () => ({{remove() {{}}}})}};
        const plain = ({{from, count, gaps, value, low, high, x}}) => {{
          return [from, count, gaps, String(value), String(low), String(high), x];
        }};
        const found = [];
        for (const [n, site] of sites.entries()) {{
          files = site;
          const one = series.read((await live.load('charts', 'data/charts.js', '', viewer))[0], viewer);
          await series.loadHead(one);
          found.push([]);
          for (const [low, high, width] of views[n]) {{
            let shown;
            let loads = 0;
            do {{
              shown = series.points(one, 'step', {{low, high, width}});
              await series.loadParts(one, shown.wanted);
              loads += shown.wanted.length;
            }} while (shown.wanted.length);
            found.at(-1).push([shown.points.map(plain), loads]);
          }}
        }}
        console.log(JSON.stringify(found));"""
    command = [compute_driver_executable()[0], "--input-type=module"]
    done = subprocess.run(command, input=script, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.mark.parametrize("kind", ["all", "random", "close, then far"])
def test_at_any_zoom_a_column_has_the_mean_and_the_extremes_of_all_its_points(
    kind: str, tmp_path: Path
) -> None:
    random = np.random.default_rng(len(kind))
    runs, views = [], []
    for count in COUNTS:
        steps, values = steps_of(random, count, kind), values_of(random, count)
        ends = np.sort(random.uniform(steps[0], steps[-1], (6, 2)) if count > 1 else np.zeros((0, 2)), axis=1)
        close = [(middle, middle + (steps[-1] - steps[0]) / 500) for middle in ends[:2, 0]]
        runs.append((steps, values))
        views.append([(float(steps[0]), float(steps[-1]), width) for width in (220, 300, 1000)])
        views[-1] += [(float(a), float(b), int(random.choice([220, 340, 1000]))) for a, b in [*ends, *close]]
    sites = [site(steps, values, random.permutation(len(steps))) for steps, values in runs]
    for (steps, values), zooms, of_site in zip(runs, views, drawn(sites, views, tmp_path), strict=True):
        for (low, high, width), (columns, _) in zip(zooms, of_site, strict=True):
            check_columns(steps, values, columns, low, high, width)


def check_columns(
    steps: np.ndarray, values: np.ndarray, columns: list[Any], low: float, high: float, width: int
) -> None:
    """Hold columns against the points, taken one by one."""
    per_pixel = (high - low) / width
    at = columns[0][0] if columns else 0
    inside = np.flatnonzero((steps >= low) & (steps <= high))
    assert not inside.size or columns[0][0] <= inside[0]
    for start, count, gaps, *numbers, _ in columns:
        assert start == at
        at += count
        points = values[start : start + count]
        finite = [float(value) for value in points if math.isfinite(value)]
        assert gaps == count - len(finite)
        mean, least, greatest = (float(number.replace("Infinity", "inf")) for number in numbers)
        if finite:
            assert (least, greatest) == (min(finite), max(finite))
            assert mean == pytest.approx(math.fsum(finite) / len(finite), rel=1e-9, abs=1e-12)
        else:
            assert count > 1 or not math.isfinite(points[0])
        wide = steps[start + count - 1] - steps[start]
        is_in_view = steps[start] >= low and steps[start + count - 1] <= high
        assert count == 1 or not is_in_view or wide <= 2.2 * per_pixel
    assert not inside.size or at >= inside[-1] + 1
    assert len(columns) <= width * 1.01 + 3


def test_a_view_loads_a_few_parts_and_none_twice(tmp_path: Path) -> None:
    count = 200_000
    steps, values = np.arange(count), np.sin(np.arange(count))
    views = [
        (0.0, count - 1.0, 300),
        (0.0, count - 1.0, 1000),
        (50_000.0, 52_000.0, 1000),
        (50_500.0, 51_000.0, 1000),
    ]
    ((_, small), (_, large), (close, more), (_, again)) = drawn(
        [site(steps, values, steps)], [views], tmp_path
    )[0]
    assert small == 0
    assert large <= 16
    assert more <= 6
    assert again == 0
    assert sum(count for _, count, *_ in close) >= 2000


def test_a_new_number_writes_the_top_of_its_chart_alone_and_a_correction_its_part() -> None:
    series = AllSeries()
    steps = np.arange(5000)
    moments = {step: step for step in range(6000)}
    ends = (("a", 5000), ("b", 3000))
    series.replace(
        steps.tolist(), [runlog.ScalarSeries(key, steps[:end], np.sin(steps[:end])) for key, end in ends]
    )
    first = series.scripts(moments, 1, is_anew=True)
    assert set(first) == {site_names.CHARTS_SCRIPT, *series.script_names()}
    assert set(first) > {site_names.chart_script("a", 0, part) for part in range(4)}
    series.replace([5000], [runlog.ScalarSeries("a", np.array([5000]), np.array([1.0]))])
    grown = series.scripts(moments, 2, is_anew=False)
    assert set(grown) == {site_names.CHARTS_SCRIPT, site_names.chart_script("a")}
    series.replace([3500], [runlog.ScalarSeries("a", np.array([3500]), np.array([9.0]))])
    corrected = series.scripts(moments, 3, is_anew=False)
    assert set(corrected) == {*grown, site_names.chart_script("a", 0, 3)}
    entries = data_scripts.read_data_script(corrected[site_names.CHARTS_SCRIPT])
    assert [(key, written, remade) for key, _, _, _, written, remade, *_ in entries] == [
        ("a", 3, 3),
        ("b", 1, 1),
    ]
    assert entries[0][9][1] == [9.0, 3500]
    assert not set(series.scripts(moments, 4, is_anew=False)) - {site_names.CHARTS_SCRIPT}


def test_a_series_that_lost_its_last_number_is_written_without_it() -> None:
    series = AllSeries()
    steps = np.arange(3)
    series.replace(range(3), [runlog.ScalarSeries("a", steps, steps * 1.0)])
    series.scripts({0: 0, 1: 1, 2: 2}, 1, is_anew=False)
    series.replace([2], [])
    files = series.scripts({0: 0, 1: 1, 2: 2}, 2, is_anew=False)
    assert site_names.chart_script("a") in files
    ((_, _, count, *_),) = data_scripts.read_data_script(files[site_names.CHARTS_SCRIPT])
    assert count == 2
