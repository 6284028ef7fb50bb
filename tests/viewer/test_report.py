"""A report is one file: it opens anywhere, says what it leaves out, and does not grow past its budget."""

from __future__ import annotations

import base64
import io
import re
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest
from PIL import Image as PILImage

import runlog
from runlog.cli import main
from runlog_viewer import report

Start = Callable[..., runlog.LocalRun]
MARKUP = "<script>alert(1)</script><img src=x onerror=alert(2)>\"'&"


class Parsed(HTMLParser):
    """The elements of a page with their attributes, and its text."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.cells = re.findall(r'<td data-cell="([^"]*)"[^>]*><span>([^<]*)', html)
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data

    def urls(self) -> list[str]:
        names = ("src", "href", "data-full", "data-ids", "action", "poster")
        return [of[name] or "" for _, of in self.elements for name in names if of.get(name)]

    def pictures(self) -> list[PILImage.Image]:
        found = [of["src"] or "" for tag, of in self.elements if tag == "img"]
        return [PILImage.open(io.BytesIO(base64.b64decode(url.partition(",")[2]))) for url in found]


def confusion_of(page: Parsed) -> dict[str, str]:
    """Return the cells of a confusion that count anything."""
    return {name: count for name, count in page.cells if count}


def boxes(*places: tuple[float, float], score: float | None = None) -> dict[str, object]:
    made = [
        {
            "position": {"minX": x, "maxX": x + 0.2, "minY": y, "maxY": y + 0.2},
            "class_id": 1,
            **({} if score is None else {"scores": {"confidence": score}}),
        }
        for x, y in places
    ]
    return {"box_data": made, "class_labels": {1: "cell"}}


def written(run: runlog.LocalRun, out: Path, **options: object) -> Parsed:
    result = report.export(run.folder, out, **options)  # type: ignore[arg-type]
    assert result.path == out
    return Parsed(out.read_text("utf-8"))


def noise(side: int, seed: int) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, (side, side, 3), dtype=np.uint8)


def test_the_last_pictures_the_numbers_and_the_charts_are_in_one_file(
    start: Start, tmp_path: Path, photo: np.ndarray
) -> None:
    with start(name="a run", config={"lr": 0.1}) as run:
        for step in range(3):
            mask = np.eye(16, 24, dtype=np.uint8) * 3
            image = runlog.Image(
                photo + step,
                caption=f"shown at {step}",
                boxes={"found": boxes((0.1, 0.1))},
                masks={"area": {"mask_data": mask, "class_labels": {3: "vessel"}}},
            )
            run.log({"val/images": [image], "loss": 1 / (step + 1), "answer": "forty-two"})
    page = written(run, tmp_path / "report.html")
    (picture,) = page.pictures()
    assert np.array_equal(np.asarray(picture), photo + 2)
    assert "shown at 2step 2 · #0" in page.text
    assert "shown at 1" not in page.text
    for said in ("a run", "loss", "0.3333", "lr", "cell", "vessel", "Not in this report: 1 key of texts."):
        assert said in page.text
    assert [of["d"] for tag, of in page.elements if tag == "path" and of.get("class") == "line"]
    assert [tag for tag, of in page.elements if "data-label" in of] == ["rect"]
    (drawn,) = [of for tag, of in page.elements if tag == "image" and of.get("class") == "mask"]
    stored = PILImage.open(io.BytesIO(base64.b64decode((drawn["href"] or "").partition(",")[2])))
    assert np.array_equal(np.asarray(stored), mask)


def test_it_needs_no_other_file_and_has_no_scripts_whatever_was_logged(start: Start, tmp_path: Path) -> None:
    with start(name=MARKUP, notes=MARKUP, tags=[MARKUP], config={MARKUP: MARKUP}, project=MARKUP) as run:
        layer = boxes((0.1, 0.1))
        layer["class_labels"] = {1: MARKUP}
        image = runlog.Image(
            noise(8, 0), caption=MARKUP, boxes={MARKUP: layer}, id=MARKUP, fields={MARKUP: MARKUP}
        )
        run.log({MARKUP: [image], f"number {MARKUP}": 1.0})
    page = written(run, tmp_path / "report.html")
    assert {
        tag for tag, _ in page.elements if tag in ("script", "iframe", "object", "embed", "form", "link")
    } == set()
    assert [name for _, of in page.elements for name in of if name.startswith("on")] == []
    assert all(url.startswith(("data:image/", "#")) for url in page.urls())
    (policy,) = [
        of["content"] for _, of in page.elements if of.get("http-equiv") == "Content-Security-Policy"
    ]
    assert policy == (
        "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'"
    )
    style = re.search(r"<style>(.*?)</style>", (tmp_path / "report.html").read_text("utf-8"), re.DOTALL)
    assert style
    assert "url(" not in style[1].replace("url(#", "")
    assert page.text.count(MARKUP) >= 5


def test_the_budget_is_held_and_each_key_gets_its_share(start: Start, tmp_path: Path) -> None:
    with start() as run:
        run.log({name: [runlog.Image(noise(64, i)) for i in range(20)] for name in ("few", "many")})
    whole = written(run, tmp_path / "whole.html")
    assert len(whole.pictures()) == 40
    assert whole.text.count("20 images") == 2
    size = (tmp_path / "whole.html").stat().st_size
    budget = size // 2
    result = report.export(run.folder, tmp_path / "half.html", max_bytes=budget)
    page = Parsed((tmp_path / "half.html").read_text("utf-8"))
    shown = len(page.pictures())
    assert budget - 40_000 < (tmp_path / "half.html").stat().st_size <= budget
    assert 0 < shown < 40
    assert result.written == {"images": shown}
    assert result.left_out == {"images past the size of the file": 40 - shown}
    assert f"{(shown + 1) // 2} of 20 images" in page.text
    assert f"{shown // 2} of 20 images" in page.text


def test_after_a_picture_that_has_no_room_smaller_ones_are_tried(start: Start, tmp_path: Path) -> None:
    with start() as run:
        large, small = runlog.Image(noise(256, 0), caption="large"), noise(8, 1)
        run.log({"x": [large, *[runlog.Image(small, caption=f"small {n}") for n in range(3)]]})
    result = report.export(run.folder, tmp_path / "r.html", max_bytes=150_000)
    page = Parsed((tmp_path / "r.html").read_text("utf-8"))
    assert re.findall(r"small \d(?=step)|large(?=step)", page.text) == ["small 0", "small 1", "small 2"]
    assert "3 of 4 images" in page.text
    assert result.left_out == {"images past the size of the file": 1}


def test_of_a_key_with_very_many_images_those_past_a_thousand_are_said(start: Start, tmp_path: Path) -> None:
    with start() as run:
        run.log({"x": [runlog.Image(noise(2, 0))] * 1003})
    result = report.export(run.folder, tmp_path / "r.html")
    assert result.written == {"images": 1000}
    assert result.left_out == {"images past the first 1,000 of each key": 3}


@pytest.mark.parametrize("length", [5, 300, 5000], ids=["short", "long", "very long"])
def test_caption_and_fields_are_isolated_and_place_and_fields_are_never_cut(
    length: int, start: Start, tmp_path: Path
) -> None:
    caption = "שלום " * length
    fields = {"cer": 0.55, "text": "\u202eabc", "\u202eback": 7}
    with start() as run:
        run.log({"x": runlog.Image(noise(8, 0), caption=caption, fields=fields)}, step=3)
    report.export(run.folder, tmp_path / "r.html")
    html = (tmp_path / "r.html").read_text("utf-8")
    (said,) = re.findall(r"<figcaption>.*?(<div .*)</figcaption>", html, re.DOTALL)
    assert said == (
        '<div class="said">step 3 · #0 · <bdi>cer</bdi> <bdi>0.55</bdi>'
        " · <bdi>text</bdi> <bdi>\u202eabc</bdi> · <bdi>\u202eback</bdi> <bdi>7</bdi></div>"
    )
    assert f"<bdi>{caption}</bdi>" in html
    assert ('<details class="long' in html) == (length > 5)


def test_a_large_picture_is_made_small_with_its_masks(start: Start, tmp_path: Path) -> None:
    ids = np.zeros((1000, 2000), np.uint8)
    ids[:, 1000:] = 7
    with start() as run:
        run.log({"x": runlog.Image(np.full((1000, 2000, 3), 200, np.uint8), masks={"m": {"mask_data": ids}})})
    page = written(run, tmp_path / "r.html")
    (picture,) = page.pictures()
    assert (picture.size, picture.format) == ((640, 320), "WEBP")
    (drawn,) = [of for tag, of in page.elements if tag == "image" and of.get("class") == "mask"]
    stored = np.asarray(PILImage.open(io.BytesIO(base64.b64decode((drawn["href"] or "").partition(",")[2]))))
    assert stored.shape == (320, 640)
    assert np.array_equal(stored, np.where(np.arange(640) < 320, 0, 7) * np.ones((320, 1)))
    with runlog.open(run.folder) as reader:
        assert reader.images()[0].media.width == 2000


def test_the_worst_of_all_steps_come_first(start: Start, tmp_path: Path) -> None:
    truth = boxes((0.0, 0.0), (0.5, 0.5))
    found = {  # by step and place: none is wrong, one is missed, one is missed and two are invented
        (0, 0): boxes((0.0, 0.0), (0.5, 0.5), score=0.9),
        (0, 1): boxes((0.0, 0.0), score=0.9),
        (1, 0): boxes((0.0, 0.0), (0.7, 0.1), (0.1, 0.7), score=0.9),
        (1, 1): boxes((0.0, 0.0), (0.5, 0.5), score=0.9),
    }
    with start() as run:
        run.define_evaluation("val", truth="truth", predictions="predictions")
        for step in range(2):
            images = [
                runlog.Image(noise(16, place), boxes={"truth": truth, "predictions": found[step, place]})
                for place in range(2)
            ]
            run.log({"val": images}, step=step)
    page = written(run, tmp_path / "r.html", worst=2)
    assert re.findall(r"step \d · #\d", page.text) == ["step 1 · #0", "step 0 · #1"]
    assert "tp 1 · fp 2 · fn 1" in page.text
    assert "2 of 4 images" in page.text
    result = report.export(run.folder, tmp_path / "r.html", worst=1)
    assert result.left_out == {"images past the 1 worst of each key": 3}
    few = report.export(run.folder, tmp_path / "r.html", worst=4)
    assert few.left_out == {}
    # The two worst are of two steps; what is said of a step is said of all its pictures.
    assert "Judged: 2 images of step 1, overlap ≥ 0.5, confidence ≥ 0.5" in page.text
    assert "true positive 3false positive 2missed 1 precision 0.6 recall 0.75" in " ".join(page.text.split())
    assert confusion_of(page) == {"1 1": "3", "1 none": "1", "none 1": "2"}
    assert ("details", {"class": "confusion boxes", "open": None}) in page.elements


def test_what_cannot_be_done_is_said_and_leaves_no_file(start: Start, tmp_path: Path) -> None:
    with start() as run:
        run.log({"x": runlog.Image(noise(8, 0))})
    out = tmp_path / "r.html"
    for options, said in (
        ({"worst": 3}, r"worst must be asked of pictures that were judged"),
        ({"worst": 0}, r"worst must be at least 1, but got 0"),
        ({"max_bytes": 10}, r"max_bytes must be at least 100,000, but got 10"),
        ({"keys": "nowhere"}, r"keys must name what is there \('x'\), but got 'nowhere'"),
    ):
        with pytest.raises(runlog.InvalidValueError, match=said):
            report.export(run.folder, out, **options)  # type: ignore[arg-type]
    with pytest.raises(runlog.InvalidValueError, match=r"ending with \.html"):
        report.export(run.folder, tmp_path / "report")
    with pytest.raises(runlog.StorageError):
        report.export(run.folder, tmp_path / "nowhere" / "r.html")
    assert [path.name for path in tmp_path.iterdir() if path.suffix == ".html"] == []


@pytest.mark.parametrize("name", ["index.html", "steps/new.html"])
def test_a_report_never_takes_the_place_of_a_page_of_the_run(name: str, start: Start, tmp_path: Path) -> None:
    with start() as run:
        run.log({"x": runlog.Image(noise(8, 0))})
    page = run.folder / "index.html"
    page.write_text("the run's own page")
    (tmp_path / "link").symlink_to(run.folder)
    with pytest.raises(runlog.InvalidValueError, match="must go outside the run folder"):
        report.export(run.folder, tmp_path / "link" / name)
    with pytest.raises(runlog.InvalidValueError, match="must go outside the run folder"):
        report.export(run.folder, run.folder / name)
    assert page.read_text() == "the run's own page"
    assert not (run.folder / "steps").exists()


def test_a_picture_that_is_gone_is_said_to_be(start: Start, tmp_path: Path) -> None:
    with start() as run:
        mask = {"truth": {"mask_data": np.eye(8, dtype=np.uint8)}}
        run.log({"x": [runlog.Image(noise(8, 0), masks=mask), runlog.Image(noise(8, 1))]})
    with runlog.open(run.folder) as reader:
        first = reader.images()[0]
        gone = [first.media.path, first.masks[0].media.path]
    for path in gone:
        (run.folder / path).unlink()
    result = report.export(run.folder, tmp_path / "r.html")
    text = Parsed(result.path.read_text("utf-8")).text
    assert text.count("media file missing") == 1
    assert "too large" not in text
    assert result.problems == tuple(f"{path} must be there, but is missing" for path in gone)


def test_what_a_report_has_not_is_said_of_each_kind_of_value(start: Start, tmp_path: Path) -> None:
    kept = tmp_path / "notes.txt"
    kept.write_text("notes")
    with start() as run:
        run.log({"x": runlog.Image(noise(8, 0)), "t": runlog.Table(["a"], [[1]]), "f": runlog.File(kept)})
        run.log({"h": runlog.Histogram([1.0, 2.0]), "p": "one", "q": "two"})
    _, _, said = written(run, tmp_path / "r.html").text.partition("Not in this report: ")
    assert said.startswith("2 keys of texts, 1 key of files, 1 key of tables, 1 key of histograms.")


def test_many_classes_fold(start: Start, tmp_path: Path) -> None:
    ids = np.arange(20, dtype=np.uint8).reshape(4, 5)
    mask = {"mask_data": ids, "class_labels": {number: f"kind {number}" for number in range(20)}}
    with start() as run:
        run.log({"many": runlog.Image(ids, masks={"m": mask})})
    written(run, tmp_path / "r.html")
    html = (tmp_path / "r.html").read_text("utf-8")
    shown, folded = html.split('<details class="more"><summary>4 more classes</summary>')
    assert [text.count("<li data-class=") for text in (shown, folded)] == [16, 4]


def test_step_0_is_a_step_and_not_the_last_one(start: Start, tmp_path: Path) -> None:
    with start() as run:
        for step in range(2):
            run.log({"x": runlog.Image(noise(8, step), caption=f"of step {step}")}, step=step)
    for steps, shown in ((0, [0]), ("0", [0]), (None, [1])):
        text = written(run, tmp_path / "r.html", steps=steps).text
        assert [step for step in range(2) if f"of step {step}" in text] == shown
    with pytest.raises(runlog.InvalidValueError, match="worst must be at least 1"):
        report.export(run.folder, tmp_path / "r.html", worst=0)


def test_the_command_writes_one_and_refuses_what_is_no_choice_of_it(
    start: Start, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with start() as run:
        run.log({"x": runlog.Image(noise(8, 0))})
    out = tmp_path / "r.html"
    assert main(["export", "html", str(run.folder), "-o", str(out), "--max-mb", "1"]) == 0
    assert capsys.readouterr().out == f"{out}\n"
    assert out.stat().st_size < 1_000_000
    assert main(["export", "html", str(run.folder), "-o", str(out), "--max-mb", "0.01"]) == 2
    assert "--max-mb must be at least 0.1, but got 0.01" in capsys.readouterr().err
    assert main(["export", "html", str(run.folder), "-o", str(out), "--pictures", "embedded"]) == 2
    assert main(["export", "coco", str(run.folder), "-o", str(tmp_path / "c"), "--worst", "3"]) == 2
    assert "--worst must not be given: coco has no such choice" in capsys.readouterr().err
