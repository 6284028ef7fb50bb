"""A run folder of each version of the schema opens, builds, verifies and resumes as it did."""

import hashlib
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

import runlog
from runlog.evaluation.verdicts import BoxCounts
from runlog.storage import migrations
from runlog_viewer.site import Site

Start = Callable[..., runlog.LocalRun]

HERE = Path(__file__).parent
# Of each version of the schema a run that the code of its time made.
FROZEN = {
    1: HERE.parent / "sample_runs/paint-astronaut",
    **{version: HERE / f"frozen_runs/schema-{version}" for version in (2, 3, 4, 5, 6, 7, 8)},
}


def version_of(run_folder: Path) -> int:
    with closing(sqlite3.connect(f"{(run_folder / 'run.db').as_uri()}?mode=ro", uri=True)) as db:
        return int(db.execute("SELECT count(*) FROM _sqlite_migrations").fetchone()[0])


def digest(run_folder: Path) -> str:
    return hashlib.sha256((run_folder / "run.db").read_bytes()).hexdigest()


@pytest.fixture(params=FROZEN, ids=lambda version: f"version {version}")
def frozen(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """Return a copy of a frozen run, in a runs folder of its own."""
    source = FROZEN[request.param]
    assert version_of(source) == request.param
    return Path(shutil.copytree(source, tmp_path / "runs" / source.name))


def test_there_is_a_run_of_each_version() -> None:
    assert list(FROZEN) == list(range(1, len(migrations.MIGRATIONS) + 1))


def test_it_is_read_and_shown_and_verified_without_a_change(frozen: Path, tmp_path: Path) -> None:
    before = digest(frozen)
    with runlog.open(frozen) as reader:
        counts = reader.counts()
        assert len(reader.steps()) == counts.steps > 0
        assert len(reader.images()) == sum(counts.images.values()) > 0
        is_newer = version_of(frozen) > 2
        assert {text.index for text in reader.texts()} == ({0, 1} if is_newer else {0})
        assert [record.counts.sum() for record in reader.histograms()] == ([40] * 3 if is_newer else [])
        has_fields = version_of(frozen) > 3
        assert {image.id for image in reader.images()} == ({"val/0123"} if has_fields else {None})
        assert {image.fields.get("truth") for image in reader.images()} == ({8} if has_fields else {None})
        judged = {image.evaluation.boxes for image in reader.images() if image.evaluation}
        assert judged == ({BoxCounts(1, 0, 0)} if version_of(frozen) > 4 else set())
        measured = {one.key: one.values.tolist() for one in reader.system_numbers()}
        assert measured.get("process.memory_gb", []) == ([0.5] if version_of(frozen) > 5 else [])
        # Before, keys of one step are by name; the number that made the first step is gone since the rewind.
        keys = reader.keys()
        ordered = ["loss", "note", "clip", "val/pictures"]
        assert ([key for key in keys if key in ordered] == ordered) == (version_of(frozen) > 7)
        assert len(keys) == len(set(keys)) > 2
        assert reader.latest_texts()
        assert len(reader.frame("texts")) == sum(counts.texts.values()) > 0
    Site(frozen.parent).update()
    assert (frozen / "index.html").is_file()
    runlog.archive([frozen], tmp_path / "run.zip")
    for folder in (frozen, tmp_path / "run.zip"):
        assert runlog.verify(folder).problems == ()
    assert digest(frozen) == before


def test_it_goes_on_and_has_then_what_it_had_and_all_that_is_new(frozen: Path, start: Start) -> None:
    with runlog.open(frozen) as reader:
        texts, images, scalars, keys = reader.texts(), reader.images(), reader.scalars(), reader.keys()
        last = reader.steps()[-1].step
    with start(id=frozen.name, dir=frozen.parent, resume="must") as run:
        run.log({"answers": ["a", "b"], "h": runlog.Histogram([1, 2])}, step=last + 1)
    assert version_of(frozen) == len(migrations.MIGRATIONS)
    with runlog.open(frozen) as reader:
        assert reader.texts()[: len(texts)] == texts
        assert [text.text for text in reader.texts(last + 1)] == ["a", "b"]
        assert reader.images() == images
        assert reader.scalars() == scalars
        assert reader.keys()[: len(keys)] == keys
        assert len(reader.histograms(last + 1)) == 1
    assert runlog.check(frozen).problems == ()


@pytest.mark.parametrize("version", [5, 6])
def test_which_scalars_judging_wrote_is_found_out_of_a_run_that_took_no_note(
    version: int, tmp_path: Path
) -> None:
    found = []
    for source in (FROZEN[version], FROZEN[7]):
        folder = Path(shutil.copytree(source, tmp_path / source.name))
        runlog.migrate(folder)
        with closing(sqlite3.connect(folder / "run.db")) as db:
            found.append(db.execute("SELECT * FROM judged_scalars ORDER BY step, scalar_key").fetchall())
    assert found[0] == found[1]
    assert (0, "val/pictures/mean_iou", "val/pictures") in found[0]


def test_migrating_it_gives_the_tables_of_a_new_run(frozen: Path, start: Start) -> None:
    new = start()
    new.finish()
    runlog.migrate(frozen)
    found = []
    for folder in (frozen, new.folder):
        with closing(sqlite3.connect(folder / "run.db")) as db:
            found.append(set(db.execute("SELECT type, name, sql FROM sqlite_master")))
    assert found[0] == found[1]
