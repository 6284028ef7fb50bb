"""COCO export, read back by pycocotools: what was logged, and an account of what is not in it."""

import io
import json
import warnings
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image as PILImage
from pycocotools.coco import COCO

import runlog
from runlog.exporters import coco

# pycocotools 2.0.11 with numpy 2.
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation doesn't accept a copy")

Start = Callable[..., runlog.LocalRun]


def box(left: float, right: float, top: float, bottom: float, **more: object) -> dict[str, object]:
    position = {"minX": left, "maxX": right, "minY": top, "maxY": bottom}
    return {"position": position, "domain": "pixel", "class_id": 1, **more}


def layer(*boxes: dict[str, object], labels: dict[int, str] | None = None) -> dict[str, object]:
    return {"box_data": list(boxes), "class_labels": {1: "coin"} if labels is None else labels}


def log_bad(run: runlog.LocalRun, data: dict[str, object], **more: object) -> None:
    """Log what rightly warns."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", runlog.RunlogWarning)
        run.log(data, **more)  # type: ignore[arg-type]


@pytest.fixture
def load(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Callable[..., COCO]:
    """Return a function that exports a run to ``tmp_path / "out"`` and loads that."""

    def export_and_load(folder: Path, **options: object) -> COCO:
        result = coco.export(folder, tmp_path / "out", **options)  # type: ignore[arg-type]
        assert result.path == tmp_path / "out" / "annotations.json"
        loaded = COCO(result.path)
        capsys.readouterr()
        loaded.result = result
        return loaded

    return export_and_load


# Images


def test_an_image_is_an_entry_with_its_size_place_caption_and_file(
    start: Start, load: Callable[..., COCO], photo: np.ndarray, tmp_path: Path
) -> None:
    with start() as run:
        run.log({"val/a": [photo_image(photo), photo_image(photo + 1, caption="second", grouping=4)]}, step=7)
    first, second = load(run.folder).imgs.values()
    assert (first["id"], first["width"], first["height"]) == (1, 24, 16)
    assert (first["key"], first["step"], first["index"]) == ("val/a", 7, 0)
    assert "caption" not in first
    assert (second["id"], second["index"], second["caption"], second["grouping"]) == (2, 1, "second", 4)
    assert second["file_name"].startswith("images/val/a/000000007-0001-")
    with PILImage.open(tmp_path / "out" / second["file_name"]) as picture:
        assert np.array_equal(np.asarray(picture), photo + 1)


def photo_image(photo: np.ndarray, **arguments: object) -> runlog.Image:
    return runlog.Image(photo, normalize=False, **arguments)  # type: ignore[arg-type]


def test_the_same_picture_at_two_steps_is_two_files_of_one_content(
    start: Start, load: Callable[..., COCO], photo: np.ndarray, tmp_path: Path
) -> None:
    with start() as run:
        for step in (0, 5):
            run.log({"a": photo_image(photo)}, step=step)
    names = [image["file_name"] for image in load(run.folder).imgs.values()]
    files = [tmp_path / "out" / name for name in names]
    assert len(set(names)) == 2
    assert files[0].read_bytes() == files[1].read_bytes()
    assert files[0].samefile(files[1])


def test_changing_an_exported_picture_never_changes_the_run(
    start: Start, load: Callable[..., COCO], photo: np.ndarray, tmp_path: Path
) -> None:
    with start() as run:
        run.log({"a": photo_image(photo)})
    (image,) = load(run.folder).imgs.values()
    (tmp_path / "out" / image["file_name"]).write_bytes(b"changed in place")
    with runlog.open(run.folder) as reader:
        assert np.array_equal(reader.pixels(*reader.images()), photo)


def test_an_image_without_boxes_and_masks_is_kept(
    start: Start, load: Callable[..., COCO], photo: np.ndarray
) -> None:
    with start() as run:
        run.log({"a": photo_image(photo)})
    loaded = load(run.folder)
    assert (len(loaded.imgs), loaded.anns) == (1, {})


def test_a_picture_that_only_exif_turns_upright_keeps_its_bytes_and_is_counted(
    start: Start, load: Callable[..., COCO], photo: np.ndarray, tmp_path: Path
) -> None:
    exif, file = PILImage.Exif(), io.BytesIO()
    exif[0x0112] = 6
    PILImage.fromarray(photo).save(file, "JPEG", exif=exif)
    with start() as run:
        run.log({"a": runlog.Image(file)})
    loaded = load(run.folder)
    (image,) = loaded.imgs.values()
    assert (image["width"], image["height"]) == (16, 24)
    assert (tmp_path / "out" / image["file_name"]).read_bytes() == file.getvalue()
    assert loaded.result.notes == {"pictures that are upright, as their boxes are, only by EXIF": 1}


# Boxes


def test_boxes_of_both_forms_and_domains_have_the_pixels_that_were_logged(
    start: Start, load: Callable[..., COCO], photo: np.ndarray
) -> None:
    middle = {"middle": [0.5, 0.25], "width": 0.25, "height": 0.5}
    boxes = {"p": layer(box(2.5, 10, 3, 7), {"position": middle, "class_id": 1})}
    with start() as run:
        run.log({"a": photo_image(photo, boxes=boxes)})
    first, second = load(run.folder).anns.values()
    assert (first["bbox"], first["area"]) == ([2.5, 3, 7.5, 4], 30)
    assert (second["bbox"], second["area"]) == ([9, 0, 6, 8], 48)
    assert {entry["iscrowd"] for entry in (first, second)} == {0}
    assert [(entry["layer"], entry["index"]) for entry in (first, second)] == [("p", 0), ("p", 1)]


def test_captions_and_scores_of_boxes_are_kept(
    start: Start, load: Callable[..., COCO], photo: np.ndarray
) -> None:
    one = box(1, 5, 1, 5, box_caption="Münze", scores={"confidence": 0.25})
    two = box(1, 5, 1, 5, scores={"confidence": 0.5, "iou": float("nan")})
    with start() as run:
        run.log({"a": photo_image(photo, boxes={"p": layer(one, two)})})
    first, second = load(run.folder).anns.values()
    assert (first["caption"], first["score"], first["scores"]) == ("Münze", 0.25, {"confidence": 0.25})
    assert (second.get("score"), second["scores"]) == (None, {"confidence": 0.5, "iou": "NaN"})


def test_with_a_named_min_score_the_score_is_that_one(
    start: Start, load: Callable[..., COCO], photo: np.ndarray
) -> None:
    low, high = (box(1, 5, 1, 5, scores={"confidence": value, "iou": 0.9}) for value in (0.25, 0.75))
    with start() as run:
        run.log({"a": photo_image(photo, boxes={"p": layer(low, high)})})
    loaded = load(run.folder, min_score="confidence=0.5")
    (entry,) = loaded.anns.values()
    assert (entry["index"], entry["score"]) == (1, 0.75)
    assert sum(loaded.result.left_out.values()) == 1


def test_boxes_that_cannot_be_drawn_are_left_out_and_counted(
    start: Start, load: Callable[..., COCO], photo: np.ndarray
) -> None:
    bad = [box(float("nan"), 5, 1, 5), box(5, 1, 1, 5), box(1, float("inf"), 1, 5), box(-1e308, 1e308, 0, 9)]
    with start() as run:
        log_bad(run, {"a": photo_image(photo, boxes={"p": layer(*bad, box(1, 5, 1, 5))})})
    loaded = load(run.folder)
    assert [entry["index"] for entry in loaded.anns.values()] == [4]
    assert loaded.result.left_out == {"boxes that cannot be drawn (NaN, infinite, inverted or empty)": 4}


def test_boxes_beyond_their_image_are_kept_as_logged_and_counted(
    start: Start, load: Callable[..., COCO], photo: np.ndarray
) -> None:
    with start() as run:
        log_bad(run, {"a": photo_image(photo, boxes={"p": layer(box(-3, 30, 1, 5), box(100, 110, 1, 5))})})
    loaded = load(run.folder)
    assert [entry["bbox"] for entry in loaded.anns.values()] == [[-3, 1, 33, 4], [100, 1, 10, 4]]
    assert loaded.result.notes == {"boxes that reach beyond their image, kept as logged": 2}


# Masks


def test_a_mask_is_an_annotation_for_each_class_id_with_exactly_its_pixels(
    start: Start, load: Callable[..., COCO], photo: np.ndarray
) -> None:
    mask = np.zeros((16, 24), np.uint16)
    mask[2:9, 3:20] = 7
    mask[4:6, 5:11] = 300
    masks = {"truth": {"mask_data": mask, "class_labels": {7: "coin", 300: "rim"}}}
    with start() as run:
        run.log({"a": photo_image(photo, masks=masks)})
    loaded = load(run.folder)
    assert [entry["category_id"] for entry in loaded.anns.values()] == [7, 300]
    for entry in loaded.anns.values():
        pixels = mask == entry["class_id"]
        assert np.array_equal(loaded.annToMask(entry), pixels)
        assert (entry["area"], entry["layer"], entry["iscrowd"]) == (pixels.sum(), "truth", 0)
    assert loaded.anns[2]["bbox"] == [5, 4, 6, 2]


def test_class_id_0_is_background_unless_it_has_a_label(
    start: Start, load: Callable[..., COCO], photo: np.ndarray
) -> None:
    mask = np.zeros((16, 24), np.uint8)
    masks = {
        "named": {"mask_data": mask, "class_labels": {0: "sky"}},
        "plain": {"mask_data": mask},
    }
    with start() as run:
        run.log({"a": photo_image(photo, masks=masks)})
    loaded = load(run.folder)
    assert [(entry["layer"], entry["area"]) for entry in loaded.anns.values()] == [("named", 16 * 24)]
    assert loaded.cats[0]["name"] == "sky"


def test_a_mask_of_another_size_is_stretched_to_its_image_and_counted(
    start: Start, load: Callable[..., COCO], photo: np.ndarray
) -> None:
    mask = np.array([[0, 1, 2], [3, 4, 5]], np.uint8)
    with start() as run:
        log_bad(run, {"a": photo_image(photo, masks={"truth": {"mask_data": mask}})})
    loaded = load(run.folder)
    expected = mask.repeat(8, axis=0).repeat(8, axis=1)
    for entry in loaded.anns.values():
        assert np.array_equal(loaded.annToMask(entry), expected == entry["class_id"])
    assert len(loaded.anns) == 5
    assert loaded.result.notes == {"masks stretched to the size of their image": 1}


# Categories


def test_every_class_that_a_layer_names_is_a_category_under_its_class_id(
    start: Start, load: Callable[..., COCO], photo: np.ndarray
) -> None:
    boxes = {"p": layer(box(1, 5, 1, 5), box(1, 5, 1, 5, class_id=9), labels={1: "coin", 2: "never seen"})}
    with start() as run:
        run.log({"a": photo_image(photo, boxes=boxes)})
    loaded = load(run.folder)
    assert {i: category["name"] for i, category in loaded.cats.items()} == {
        1: "coin",
        2: "never seen",
        9: "class_9",
    }


def test_a_class_id_with_two_labels_is_two_categories(
    start: Start, load: Callable[..., COCO], photo: np.ndarray
) -> None:
    boxes = {
        "a": layer(box(1, 5, 1, 5), labels={1: "cat"}),
        "b": layer(box(1, 5, 1, 5), labels={1: "dog"}),
    }
    with start() as run:
        run.log({"a": photo_image(photo, boxes=boxes)}, step=0)
        run.log({"a": photo_image(photo, boxes=boxes)}, step=1)
    loaded = load(run.folder)
    names = [loaded.cats[entry["category_id"]]["name"] for entry in loaded.anns.values()]
    assert names == ["cat", "dog", "cat", "dog"]
    assert {i: category["class_id"] for i, category in loaded.cats.items()} == {1: 1, 65536: 1}


def test_boxes_without_a_class_id_have_a_category_of_their_own(
    start: Start, load: Callable[..., COCO], photo: np.ndarray
) -> None:
    with start() as run:
        run.log({"a": photo_image(photo, boxes={"p": layer(box(1, 5, 1, 5, class_id=None), labels={})})})
    loaded = load(run.folder)
    ((category, entry),) = loaded.cats.items()
    assert (category, entry["name"], entry["class_id"]) == (65536, "no class", None)


# The file, and what can go wrong


def test_the_file_is_plain_json_that_says_which_run_it_is_of(
    start: Start, tmp_path: Path, photo: np.ndarray
) -> None:
    with start(name="coins") as run:
        run.log({"a": photo_image(photo, boxes={"p": layer(box(1, 5, 1, 5, scores={"s": float("inf")}))})})
    path = coco.export(run.folder, tmp_path / "out").path

    def refuse(constant: str) -> None:
        raise AssertionError(constant)

    info = json.loads(path.read_text(), parse_constant=refuse)["info"]
    assert (info["description"], info["run"]) == ("coins", run.id)


def test_the_same_export_has_the_same_bytes(start: Start, tmp_path: Path, photo: np.ndarray) -> None:
    with start() as run:
        run.log({"a": photo_image(photo, boxes={"p": layer(box(1, 5, 1, 5))})})
    first, second = (coco.export(run.folder, tmp_path / name).path for name in ("1", "2"))
    assert first.read_bytes() == second.read_bytes()


def test_a_live_run_is_exported_through_an_open_reader(
    start: Start, tmp_path: Path, photo: np.ndarray
) -> None:
    with start() as run, runlog.open(run.folder) as reader:
        run.log({"a": photo_image(photo)})
        assert coco.export(reader, tmp_path / "out").written["images"] == 1
        assert reader.run().state == "running"


def test_an_image_whose_file_is_missing_is_a_problem_and_the_others_are_exported(
    start: Start, load: Callable[..., COCO], photo: np.ndarray
) -> None:
    with start() as run:
        run.log({"a": [photo_image(photo, boxes={"p": layer(box(1, 5, 1, 5))}), photo_image(photo + 1)]})
    with runlog.open(run.folder) as reader:
        missing = reader.images()[0].media.path
    (run.folder / missing).unlink()
    loaded = load(run.folder)
    assert [image["index"] for image in loaded.imgs.values()] == [1]
    assert loaded.anns == {}
    (problem,) = loaded.result.problems
    assert str(missing) in problem


def test_a_mask_that_does_not_decode_is_a_problem_and_the_rest_is_exported(
    start: Start, load: Callable[..., COCO], photo: np.ndarray
) -> None:
    masks = {"truth": {"mask_data": np.ones((16, 24), np.uint8)}}
    with start() as run:
        run.log({"a": photo_image(photo, masks=masks, boxes={"p": layer(box(1, 5, 1, 5))})})
    with runlog.open(run.folder) as reader:
        path = reader.images()[0].masks[0].media.path
    (run.folder / path).write_bytes(b"no picture")
    loaded = load(run.folder)
    assert [entry["layer"] for entry in loaded.anns.values()] == ["p"]
    (problem,) = loaded.result.problems
    assert str(path) in problem


def test_a_file_with_exif_that_does_not_decode_is_a_problem_and_copied_as_it_is(
    start: Start, load: Callable[..., COCO], photo: np.ndarray, tmp_path: Path
) -> None:
    exif, file = PILImage.Exif(), io.BytesIO()
    exif[0x0112] = 6
    PILImage.fromarray(photo).save(file, "JPEG", exif=exif)
    with start() as run:
        run.log({"a": runlog.Image(file)})
    with runlog.open(run.folder) as reader:
        path = reader.images()[0].media.path
    (run.folder / path).write_bytes(file.getvalue()[:300])
    loaded = load(run.folder)
    assert (tmp_path / "out" / loaded.imgs[1]["file_name"]).stat().st_size == 300
    (problem,) = loaded.result.problems
    assert str(path) in problem


def test_a_real_run_leaves_with_every_box_and_every_mask_pixel(load: Callable[..., COCO]) -> None:
    folder = Path(__file__).parents[3] / "sample_runs" / "segment-coins"
    loaded = load(folder)
    found = {
        (image["key"], image["step"], image["index"]): loaded.imgToAnns[image["id"]]
        for image in loaded.imgs.values()
    }
    with runlog.open(folder) as reader:
        images = reader.images()
        assert len(found) == len(images)
        for image in images:
            entries = found[image.key, image.step, image.index]
            for layer_ in image.boxes:
                # Boxes and masks may be called the same; of a mask there is a segmentation.
                own = [one for one in entries if one["layer"] == layer_.name and not one["segmentation"]]
                places = [entry["bbox"] for entry in own]
                corners = [box.pixel_corners(image.media.width, image.media.height) for box in layer_.boxes]
                assert places == [[a, b, c - a, d - b] for a, b, c, d in corners]
            for mask in image.masks:
                expected = reader.class_ids(image, mask.name)
                pixels = np.zeros_like(expected)
                for entry in entries:
                    if entry["layer"] == mask.name and entry["segmentation"]:
                        pixels += loaded.annToMask(entry) * expected.dtype.type(entry["class_id"])
                assert np.array_equal(pixels, expected)
    assert loaded.result.written == {"images": 92, "boxes": 1204, "masks": 138}


def test_identity_fields_crowds_and_what_is_ignored_are_kept(
    start: Start, load: Callable[..., COCO], photo: np.ndarray
) -> None:
    fields = {"n": 3, "p": float("nan"), "right": True, "word": "w"}
    boxes = {"t": layer(box(1, 5, 2, 4, iscrowd=True), box(1, 5, 2, 4, ignore=1), box(1, 5, 2, 4))}
    with start() as run:
        run.log({"a": [photo_image(photo, id="x", fields=fields, boxes=boxes), photo_image(photo)]})
    loaded = load(run.folder)
    first, second = loaded.imgs.values()
    assert (first["identity"], first["fields"]) == ("x", {"n": 3, "p": "NaN", "right": True, "word": "w"})
    assert not {"identity", "fields"} & set(second)
    assert [(one["iscrowd"], one.get("ignore", 0)) for one in loaded.anns.values()] == [
        (1, 0),
        (0, 1),
        (0, 0),
    ]
