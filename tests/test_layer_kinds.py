"""A layer of any kind is nowhere forgotten: stored, read back, joined, cut, exported, drawn and searched."""

from __future__ import annotations

import dataclasses
import inspect
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any, get_args

import numpy as np
import pytest

import runlog
from runlog.exporters import parquet, run_tables
from runlog.exporters.formats import FORMATS
from runlog.exporters.selection import Selection
from runlog.importers.ranks import join
from runlog.storage.layer_kinds import LAYER_KINDS
from runlog.storage.mask_rows import MASKS
from runlog.storage.records import ImageRecord, LayerRecord
from runlog_viewer.html import overlays
from runlog_viewer.pages.layers import KINDS
from runlog_viewer.site import Site

Start = Callable[..., runlog.LocalRun]

NAMES = [record.kind for record in get_args(LayerRecord)]
# Of every kind a layer with one thing of class 2, as `Image` takes it.
LAYERS: dict[str, dict[str, Any]] = {
    "boxes": {"box_data": [{"position": {"minX": 0, "maxX": 0.5, "minY": 0, "maxY": 0.5}, "class_id": 2}]},
    "masks": {"mask_data": np.pad([[2]], ((0, 3), (0, 5)))},
}
ABOUT = {"class_labels": {0: "nothing", 2: "a coin"}, "class_colors": {2: "#123456"}}


def picture(kind: str) -> runlog.Image:
    of_kind: dict[str, Any] = {kind: {"truth": {**LAYERS[kind], **ABOUT}}}
    return runlog.Image(np.arange(24, dtype=np.uint8).reshape(4, 6), **of_kind)


@pytest.fixture(params=NAMES)
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def folder(kind: str, start: Start) -> Path:
    with start(id="job-r0") as run:
        run.log({"a": picture(kind), "rows": runlog.Table(["p"], [[picture(kind)]])}, step=0)
    return run.folder


def test_a_kind_has_the_same_name_wherever_it_is_asked_for() -> None:
    assert set(NAMES) == set(LAYERS) == {kind.name for kind in KINDS} == set(overlays._LOOKS)
    assert [kind.name for kind in LAYER_KINDS] == NAMES
    assert set(NAMES) <= set(inspect.signature(runlog.Image).parameters)
    assert set(NAMES) <= {field.name for field in dataclasses.fields(ImageRecord)}


def test_an_image_is_read_back_with_its_layer_also_out_of_a_table(kind: str, folder: Path) -> None:
    with runlog.open(folder) as reader:
        (record,) = reader.images(0)
        assert [layer.kind for layer in record.layers] == [kind]
        assert reader.image(record) == picture(kind)
        ((cell,),) = reader.table("rows")
        assert reader.image(cell) == picture(kind)


def test_ranks_are_joined_with_their_layers(kind: str, folder: Path, start: Start) -> None:
    with start(id="job-r1") as run:
        run.log({"a": picture(kind)}, step=0)
    (joined,) = join(folder.parent)
    assert joined.folder is not None
    with runlog.open(joined.folder) as reader:
        for record in reader.images(0):
            assert getattr(reader.image(record), kind) == getattr(picture(kind), kind)


def test_an_image_can_be_given_other_layers(folder: Path) -> None:
    with runlog.open(folder) as reader:
        (record,) = reader.images(0)
    assert record.with_layers(record.layers) == record
    assert record.with_layers(()).layers == ()
    assert record.with_layers(()).with_layers(record.layers) == record


@pytest.mark.parametrize("form", FORMATS)
def test_an_export_has_the_layer_or_says_that_it_has_not(
    kind: str, form: str, folder: Path, tmp_path: Path
) -> None:
    result = FORMATS[form].exporter()(folder, tmp_path / form, keys="a")
    said = [what for counts in (result.written, result.left_out) for what, count in counts.items() if count]
    assert [what for what in said if what.startswith(kind)]


@pytest.mark.parametrize("form", FORMATS)
def test_an_export_says_that_it_has_no_place_for_a_kind_it_does_not_know(
    form: str, tmp_path: Path, start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    with start() as run:
        run.log({"a": picture("boxes")}, step=0)
    outline = SimpleNamespace(kind="outlines", name="truth", class_labels={}, class_colors={})
    monkeypatch.setattr(Selection, "layers_of", lambda self, image: iter([outline]))
    left_out = FORMATS[form].exporter()(run.folder, tmp_path / form).left_out
    assert left_out == {"outlines: layers that the format has no place for": 1}


def test_so_does_a_data_set_of_many_runs(
    tmp_path: Path, start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("pyarrow", reason="pyarrow is not installed, so Parquet was NOT tested")
    with start() as run:
        run.log({"a": [picture("masks"), picture("boxes")]}, step=0)
    outlines = dataclasses.replace(MASKS, name="outlines")
    monkeypatch.setattr(run_tables, "LAYER_KINDS", (*LAYER_KINDS, outlines))
    left_out = parquet.export(run.folder, tmp_path / "data").left_out
    assert left_out == {"outlines: layers that the format has no place for": 1}


def test_a_page_draws_the_layer_with_its_switch_and_its_class(kind: str, folder: Path) -> None:
    Site(folder).update()
    page = (folder / "viewer/steps/000000000.html").read_text()
    assert page.count(f'data-kind="{kind}" data-layer="truth"') >= 3  # its switch, and both pictures
    assert "a coin" in page
    assert "#123456" in page
