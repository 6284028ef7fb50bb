"""What a notebook shows of an `Image` or a run: pictures with overlays, in one piece, safe to embed."""

from __future__ import annotations

import base64
import io
import math
import pickle
import re
import shutil
import xml.etree.ElementTree as ET
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image as PILImage

import runlog
from runlog import Image, palette

Start = Callable[..., runlog.LocalRun]

SVG = "{http://www.w3.org/2000/svg}"


def parsed(image: Image) -> ET.Element:
    return ET.fromstring(image._repr_html_())


def pictures(root: ET.Element) -> list[np.ndarray]:
    """Return what each SVG image shows."""
    found = []
    for element in root.iter(f"{SVG}image"):
        kind, data = element.attrib["href"].split(",")
        assert kind == "data:image/png;base64"
        found.append(np.asarray(PILImage.open(io.BytesIO(base64.b64decode(data)))))
    return found


def box(class_id: int | None = None, **more: Any) -> dict[str, Any]:
    position = {"minX": 2, "maxX": 10, "minY": 3, "maxY": 7}
    return {"position": position, "domain": "pixel", "class_id": class_id, **more}


def test_the_png_is_the_picture(photo: np.ndarray) -> None:
    shown = PILImage.open(io.BytesIO(Image(photo)._repr_png_()))
    assert shown.format == "PNG"
    assert np.array_equal(np.asarray(shown), photo)


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "I;16", "CMYK"])
def test_every_mode_is_shown(photo: np.ndarray, mode: str) -> None:
    if mode == "I;16":
        given = PILImage.fromarray(photo[..., 0].astype(np.uint16) * 257)
    else:
        given = PILImage.fromarray(photo).convert(mode)
    buffer = io.BytesIO()
    given.save(buffer, "JPEG" if mode == "CMYK" else "PNG")
    for image in (Image(given), Image(buffer)):
        assert PILImage.open(io.BytesIO(image._repr_png_())).size == (24, 16)
        assert len(pictures(parsed(image))) == 1


def test_the_html_holds_picture_boxes_masks_caption_and_legend(photo: np.ndarray) -> None:
    ids = np.zeros((16, 24), np.int64)
    ids[4:8, 5:9], ids[0, 0] = 3, 300
    image = Image(
        photo,
        caption="a cat",
        classes=[{"id": 3, "name": "cat"}],
        boxes={"p": {"box_data": [box(3, box_caption="b", scores={"s": 0.5}), box()]}},
        masks={"m": {"mask_data": ids, "class_labels": {300: "sky"}}},
    )
    root = parsed(image)
    svg = root.find(f"{SVG}svg")
    assert svg is not None
    assert svg.attrib["viewBox"] == "0 0 24 16"
    picture, mask = pictures(root)
    assert np.array_equal(picture, photo)
    for class_id, pixel in ((3, mask[5, 6]), (300, mask[0, 0])):
        assert tuple(pixel) == (*palette.channels(palette.colour(class_id)), 255)
    assert mask[10, 10, 3] == 0
    first, second = svg.findall(f"{SVG}rect")
    assert [first.attrib[name] for name in ("x", "y", "width", "height")] == ["2", "3", "8", "4"]
    assert (first.attrib["stroke"], second.attrib["stroke"]) == (palette.colour(3), palette.colour(None))
    assert first.findtext(f"{SVG}title") == "b\ncat\ns 0.5\np"
    assert root.findtext("figcaption") == "a cat"
    legend = ["".join(span.itertext()) for span in root.findall("span")]
    assert legend == ["■ cat", "■ sky"]


def test_class_0_is_drawn_only_with_a_label(photo: np.ndarray) -> None:
    ids = np.zeros((16, 24), np.uint8)
    _, hidden = pictures(parsed(Image(photo, masks={"m": {"mask_data": ids}})))
    _, shown = pictures(parsed(Image(photo, masks={"m": {"mask_data": ids, "class_labels": {0: "sea"}}})))
    assert hidden[..., 3].max() == 0
    assert (shown == (*palette.channels(palette.colour(0)), 255)).all()


def test_boxes_that_cannot_be_drawn_are_not(photo: np.ndarray) -> None:
    bad = {"position": {"minX": math.nan, "maxX": 1, "minY": 0, "maxY": 1}}
    root = parsed(Image(photo, boxes={"p": {"box_data": [bad, box(1)]}}))
    assert len(list(root.iter(f"{SVG}rect"))) == 1


def test_it_needs_nothing_outside_itself_and_runs_nothing(photo: np.ndarray) -> None:
    evil = "</svg><script>alert(1)</script><img src=http://x onerror='alert(1)'>\"&\ud800"
    image = Image(
        photo,
        caption=evil,
        boxes={"<p>": {"box_data": [box(1, box_caption=evil, scores={evil: 1})], "class_labels": {1: evil}}},
        masks={"m": {"mask_data": np.ones((16, 24), np.uint8), "class_labels": {1: evil}}},
    )
    html = image._repr_html_()
    html.encode()
    tags = {element.tag.removeprefix(SVG) for element in ET.fromstring(html).iter()}
    assert tags <= {"figure", "svg", "image", "rect", "title", "figcaption", "span"}
    links = re.findall(r'(?:href|src)="([^"]*)"', html)
    assert all(link.startswith("data:image/png;base64,") for link in links)


def test_a_large_picture_is_scaled_down_and_its_overlays_with_it() -> None:
    wide = np.zeros((600, 3000, 3), np.uint8)
    ids = np.zeros((600, 3000), np.uint8)
    ids[:, 1500:] = 2
    root = parsed(Image(wide + 9, masks={"m": {"mask_data": ids}}))
    picture, mask = pictures(root)
    assert picture.shape[1] == mask.shape[1] == 1024
    assert set(mask[0, :, 3].tolist()) == {0, 255}
    for element in root.iter(f"{SVG}image"):
        assert (element.attrib["width"], element.attrib["height"]) == ("3000", "600")


@pytest.mark.parametrize(
    ("size", "width"),
    [((256, 1), 4), ((5000, 9), 1.8432), ((1000, 100), 102.4), ((28, 28), 240), ((1, 256), 256)],
    ids=str,
)
def test_an_upright_strip_is_shown_no_higher_than_a_large_picture(
    size: tuple[int, int], width: float
) -> None:
    svg = parsed(Image(np.zeros(size, np.uint8))).find(f"{SVG}svg")
    assert svg is not None
    assert float(svg.attrib["width"]) == width


@pytest.mark.parametrize(("size", "width"), [((256, 1), 2.1875), ((560, 280), 280), ((64, 64), 280)], ids=str)
def test_a_run_shows_no_picture_higher_than_twice_the_width_of_its_pictures(
    size: tuple[int, int], width: float, tmp_path: Path
) -> None:
    with runlog.init(dir=tmp_path, quiet=True) as run:
        run.log({"x": Image(np.zeros(size, np.uint8))})
    svg = next(ET.fromstring(run._repr_html_()).iter(f"{SVG}svg"))
    assert float(svg.attrib["width"]) == width


def test_a_file_is_shown_upright(photo: np.ndarray) -> None:
    exif = PILImage.Exif()
    exif[0x0112] = 6
    buffer = io.BytesIO()
    PILImage.fromarray(np.rot90(photo).copy()).save(buffer, "PNG", exif=exif)
    (picture,) = pictures(parsed(Image(buffer)))
    assert np.array_equal(picture, photo)


EVIL = '</svg><script>alert(1)</script>"&'


def log_run(folder: Path, photo: np.ndarray, count: int = 2) -> runlog.LocalRun:
    with runlog.init(dir=folder, name=EVIL, quiet=True) as run:
        images = [
            Image(
                photo,
                caption=f"{n} {EVIL}",
                boxes={"p": {"box_data": [box(3)], "class_labels": {3: EVIL}}},
                masks={"m": {"mask_data": np.full((16, 24), 7, np.uint8), "class_labels": {7: "sea"}}},
            )
            for n in range(count)
        ]
        run.log({"val/x": images, "val/loss": 0.25}, step=3)
        run.log({"val/loss": math.nan}, step=4)
    return run


def test_a_run_and_its_reader_show_the_run_and_its_last_images(tmp_path: Path, photo: np.ndarray) -> None:
    run = log_run(tmp_path, photo)
    with runlog.open(run.folder) as reader:
        html = reader._repr_html_()
    assert run._repr_html_() == html
    root = ET.fromstring(html)
    text = "".join(root.itertext())
    assert "finished · 2 steps · 2 images" in text
    assert "val/loss nan" in text
    assert "step 3" in text
    picture, mask, *_ = pictures(root)
    assert np.array_equal(picture, photo)
    assert tuple(mask[0, 0]) == (*palette.channels(palette.colour(7)), 255)
    assert len(list(root.iter(f"{SVG}rect"))) == 2
    assert [c.text for c in root.iter("figcaption")] == [f"0 {EVIL}", f"1 {EVIL}"]
    assert text.count("■ sea") == 1


def test_of_many_images_a_run_shows_eight_and_says_so(tmp_path: Path, photo: np.ndarray) -> None:
    root = ET.fromstring(log_run(tmp_path, photo, count=11)._repr_html_())
    assert len(list(root.iter("figure"))) == 8
    assert "and 3 more at this step" in "".join(root.itertext())


def test_a_run_shows_the_beginnings_of_the_texts_logged_last(tmp_path: Path) -> None:
    with runlog.init(dir=tmp_path, quiet=True) as run:
        run.log({f"note/{n}": f"{n} {EVIL}" for n in range(6)}, step=1)
        run.log({"sample": "first\n  second\n" + "x" * 5000}, step=2)
    root = ET.fromstring(run._repr_html_())
    texts = [pre.text or "" for pre in root.iter("pre")]
    assert texts == ["first\n  second\n" + "x" * 985 + "…", *(f"{n} {EVIL}" for n in range(3))]
    assert "sample step 2" in "".join(root.itertext())


def test_a_live_run_shows_itself(tmp_path: Path) -> None:
    with runlog.init(dir=tmp_path, quiet=True) as run:
        run.log({"loss": 1.5})
        assert "running · 1 step · 0 images" in run._repr_html_()


def test_a_run_that_cannot_be_read_says_why(tmp_path: Path, photo: np.ndarray) -> None:
    run = log_run(tmp_path, photo)
    shutil.rmtree(run.folder)
    assert "run.db" in run._repr_html_()


def test_a_disabled_run_says_that_nothing_is_logged(tmp_path: Path) -> None:
    run = runlog.init("<b>", dir=tmp_path, mode="disabled")
    assert "disabled" in run._repr_html_()
    assert list(tmp_path.iterdir()) == []


# Lists that show themselves


def test_the_runs_of_a_folder_are_a_table(start: Start, tmp_path: Path) -> None:
    for name in ("<b>one", "two"):
        with start(id=name.strip("<b>"), name=name, tags=["best"]) as run:
            run.log({"val": {"loss": 0.123456789}})
    runs = runlog.runs(tmp_path / "runs")
    assert isinstance(runs, tuple)
    html = runs._repr_html_()
    assert html.count("<tr>") == 3
    for word in ("&lt;b&gt;one", "two", "finished", "best", "val.loss", "0.12346"):
        assert word in html
    assert "<b>one" not in html
    assert runlog.runs(tmp_path / "runs") == tuple(runs)


def test_images_that_were_read_show_themselves_and_say_what_is_left_out(start: Start) -> None:
    with start() as run:
        run.log(
            {"k": [runlog.Image(np.full((2, 2), 50 + n, np.uint8), caption=f"<i>{n}") for n in range(15)]}
        )
    with runlog.open(run.folder) as reader:
        images = reader.images()
        html = images._repr_html_()
        assert html.count("data:image/png;base64,") == 12
        assert "step 0 · &lt;i&gt;0" in html
        assert "and 3 more images" in html
        (run.folder / images[0].media.path).unlink()
        assert "must be a readable file" in images._repr_html_()
    assert pickle.loads(pickle.dumps(images)) == images
