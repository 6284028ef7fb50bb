"""The ranks of one launch as one run: numbers averaged, pictures of all, and nothing lost."""

import hashlib
import json
import math
import resource
import shutil
import sqlite3
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import runlog
from runlog.importers.ranks import join
from runlog.storage.kinds import ROW_KINDS

Start = Callable[..., runlog.LocalRun]


def scalars(folder: Path) -> dict[str, dict[int, float]]:
    with runlog.open(folder) as reader:
        return {
            one.key: dict(zip(one.steps.tolist(), one.values.tolist(), strict=True))
            for one in reader.scalars()
        }


def test_joined_again_only_what_is_new_is_read(start: Start, tmp_path: Path) -> None:
    runs = tmp_path / "runs"
    for step in range(3):
        log_ranks(start, lambda rank: {"loss": 2.0 * rank}, step=step)
    assert [one.steps for one in join(runs)] == [3]
    assert [one.steps for one in join(runs)] == [0]
    with start(id="job-r1", resume="must") as run:
        run.log({"loss": 4.0}, step=1)
    assert [one.steps for one in join(runs)] == [1]
    assert scalars(runs / "job") == {"loss": {0: 1.0, 1: 2.0, 2: 1.0}}


def log_ranks(start: Start, values: Callable[[int], dict[str, Any]], ranks: int = 2, step: int = 0) -> None:
    for rank in range(ranks):
        with start(id=f"job-r{rank}", group="job", resume="allow", config={"seed": rank}) as run:
            run.log(values(rank), step=step)


def test_numbers_can_be_each_by_itself(start: Start, tmp_path: Path) -> None:
    log_ranks(start, lambda rank: {"loss": rank})
    join(tmp_path / "runs")
    assert scalars(tmp_path / "runs/job") == {"loss": {0: 0.5}}
    join(tmp_path / "runs", numbers="each")
    assert scalars(tmp_path / "runs/job") == {"loss/rank-0": {0: 0.0}, "loss/rank-1": {0: 1.0}}
    with pytest.raises(runlog.InvalidValueError, match="numbers must be one of mean, each, but got"):
        join(tmp_path / "runs", numbers="sum")  # type: ignore[arg-type]


def test_a_mean_of_what_is_not_finite_is_not_finite(start: Start, tmp_path: Path) -> None:
    bad = {"nan": [1.0, math.nan], "up": [1.0, math.inf], "both": [-math.inf, math.inf]}
    log_ranks(start, lambda rank: {key: values[rank] for key, values in bad.items()})
    join(tmp_path / "runs")
    found = {key: of_key[0] for key, of_key in scalars(tmp_path / "runs/job").items()}
    assert math.isnan(found["nan"])
    assert found["up"] == math.inf
    assert math.isnan(found["both"])


def test_a_mean_of_numbers_whose_sum_is_no_float_is_one(start: Start, tmp_path: Path) -> None:
    log_ranks(start, lambda rank: {"most": sys.float_info.max, "some": [1.7e308, 1.5e308][rank]})
    join(tmp_path / "runs")
    assert scalars(tmp_path / "runs/job") == {"most": {0: sys.float_info.max}, "some": {0: 1.6e308}}


def test_values_of_several_kinds_under_one_key_stay_apart(start: Start, tmp_path: Path) -> None:
    picture = runlog.Image(np.zeros((4, 4), np.uint8))
    long = "k" * 1000
    of_ranks = ({"x": 1.0, "y": "text", long: "long"}, {"x": picture, "y/rank-0": picture}, {"x": 5.0})
    log_ranks(start, lambda rank: of_ranks[rank], ranks=3)
    (joined,) = join(tmp_path / "runs")
    assert scalars(tmp_path / "runs/job") == {"x/rank-0": {0: 1.0}, "x/rank-2": {0: 5.0}}
    with runlog.open(tmp_path / "runs/job") as reader:
        assert [image.key for image in reader.images()] == ["x", "y/rank-0"]
        assert reader.texts() == ()
    (problem,) = joined.problems  # one for each rank
    assert problem.startswith("job-r0: values are left out, such as ")


def test_pictures_of_ranks_have_each_an_id_of_its_own(start: Start, tmp_path: Path) -> None:
    ids, long = ["a", "a (rank 1)", "a (rank 2)"], "b" * 1000

    def pictures(rank: int) -> dict[str, Any]:
        return {"p": [runlog.Image(np.full((4, 4), 9 + rank, np.uint8), id=name) for name in (*ids, long)]}

    log_ranks(start, pictures, ranks=3)
    (joined,) = join(tmp_path / "runs")
    with runlog.open(tmp_path / "runs/job") as reader:
        found = [image.id for image in reader.images()]
    # Of the ids that are as long as one may be, only that of the first rank is one.
    assert (len(found), len(set(found)), found[:3]) == (10, 10, ids)
    assert [problem.partition(":")[0] for problem in joined.problems] == ["job-r1", "job-r2"]


def test_a_launch_of_the_same_name_takes_the_place_of_one_that_was_removed(
    start: Start, tmp_path: Path
) -> None:
    log_ranks(start, lambda rank: {"loss": rank})
    join(tmp_path / "runs")
    for rank in range(2):
        shutil.rmtree(tmp_path / f"runs/job-r{rank}")
    log_ranks(start, lambda rank: {"loss": 10.0 + rank})  # as many revisions as before
    join(tmp_path / "runs")
    assert scalars(tmp_path / "runs/job") == {"loss": {0: 10.5}}


def test_more_ranks_than_files_may_be_open_are_joined(start: Start, tmp_path: Path) -> None:
    log_ranks(start, lambda rank: {"loss": rank}, ranks=12)
    limits = resource.getrlimit(resource.RLIMIT_NOFILE)
    with (tmp_path / "next").open("w") as next_file:
        least = next_file.fileno() + 8
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (least, limits[1]))
        (joined,) = join(tmp_path / "runs")
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, limits)
    assert (joined.ranks, joined.problems) == (12, ())


def test_what_cannot_be_averaged_is_kept_of_every_rank(start: Start, tmp_path: Path) -> None:
    def values(rank: int) -> dict[str, Any]:
        pixels = np.arange(48, dtype=np.uint8).reshape(4, 4, 3) + rank
        return {
            "note": [f"text {rank}", "more"],
            "counts": [rank, 2.5],
            "weights": runlog.Histogram([rank, 1, 2]),
            "clip": runlog.File(f"clip {rank}".encode(), name="clip.mp4"),
            "rows": runlog.Table(["n", "w", "p"], [[rank, "word", runlog.Image(pixels)], [None, True, None]]),
        }

    log_ranks(start, values)
    assert join(tmp_path / "runs")[0].problems == ()
    with runlog.open(tmp_path / "runs/job") as joined:
        assert not {"note", "counts", "weights", "clip", "rows"} & {
            *joined.counts().texts,
            *joined.latest_steps(),
        }
        assert [kind.name for kind in ROW_KINDS if not getattr(joined.counts(), kind.table)] == []
        for rank, suffix in ((0, "/rank-0"), (1, "/rank-1")):
            with runlog.open(tmp_path / f"runs/job-r{rank}") as reader:
                texts = {(text.key, text.index): text.text for text in joined.texts()}
                assert texts["note" + suffix, 0] == f"text {rank}"
                assert texts["counts" + suffix, 0] == f"[{rank},2.5]"
                (histogram,) = (one for one in joined.histograms() if one.key == "weights" + suffix)
                assert histogram.histogram == reader.histograms()[0].histogram
                (file,) = (one for one in joined.files() if one.key == "clip" + suffix)
                assert file.sha256 == hashlib.sha256(f"clip {rank}".encode()).hexdigest()
                assert file.path.name.endswith("-clip.mp4")
                table, own = joined.table("rows" + suffix), reader.table("rows")
                assert table.columns == own.columns
                assert [row[:2] for row in table] == [row[:2] for row in own]
                assert (joined.pixels(table[0][2]) == reader.pixels(own[0][2])).all()


def test_a_run_that_was_joined_with_other_names_is_joined_anew(start: Start, tmp_path: Path) -> None:
    log_ranks(start, lambda rank: {"note": f"text {rank}", "loss": rank})
    join(tmp_path / "runs")
    database = tmp_path / "runs/job/run.db"
    with closing(sqlite3.connect(database, isolation_level=None)) as db:
        (environment,) = db.execute("SELECT environment FROM run").fetchone()
        before = json.loads(environment)
        del before["ranks"]["names"]
        db.execute("UPDATE run SET environment = ?", [json.dumps(before)])
        db.execute("UPDATE texts SET key = 'note' WHERE key = 'note/rank-0'")
    assert join(tmp_path / "runs")[0].steps == 1
    with runlog.open(tmp_path / "runs/job") as reader:
        assert [text.key for text in reader.texts()] == ["note/rank-0", "note/rank-1"]


def test_pictures_keep_their_files_overlays_fields_and_names(start: Start, tmp_path: Path) -> None:
    jpeg = tmp_path / "a.jpg"
    runlog.Image(np.arange(192, dtype=np.uint8).reshape(8, 8, 3)).image.save(jpeg)
    box = {"position": {"minX": 0, "maxX": 1, "minY": 0, "maxY": 1}, "class_id": 1, "scores": {"s": 0.5}}

    def values(rank: int) -> dict[str, Any]:
        image = runlog.Image(
            jpeg,
            caption="c",
            grouping=rank,
            boxes={"p": {"box_data": [box], "class_labels": {1: "coin"}}},
            masks={"m": {"mask_data": np.eye(8, dtype=np.uint8)}},
            id="same" if rank < 2 else f"own {rank}",
            fields={"p": 0.5},
        )
        return {"val": [image]}

    log_ranks(start, values, ranks=3)
    join(tmp_path / "runs")
    with runlog.open(tmp_path / "runs/job") as reader, runlog.open(tmp_path / "runs/job-r0") as own:
        images, (before,) = reader.images(), own.images()
        assert [image.id for image in images] == ["same", "same (rank 1)", "own 2"]
        assert [dict(image.fields) for image in images] == [{"rank": rank, "p": 0.5} for rank in range(3)]
        assert [image.grouping for image in images] == [0, 1, 2]
        assert {image.media.sha256 for image in images} == {before.media.sha256}
        assert images[1].boxes == before.boxes
        assert (reader.class_ids(images[1], "m") == np.eye(8)).all()


def test_what_a_rank_took_back_is_gone(start: Start, tmp_path: Path) -> None:
    for step in range(3):
        log_ranks(start, lambda rank: {"loss": 1.0}, step=step)
    join(tmp_path / "runs")
    start(id="job-r0", resume="must", resume_step=1).finish()
    assert join(tmp_path / "runs")[0].steps == 1  # what the other has is as it was
    assert scalars(tmp_path / "runs/job") == {"loss": dict.fromkeys(range(3), 1.0)}
    with start(id="job-r1", resume="must", resume_step=0) as run:
        run.log({"loss": 3.0}, step=1)
    join(tmp_path / "runs")
    assert scalars(tmp_path / "runs/job") == {"loss": {0: 1.0, 1: 2.0}}


def test_it_ends_as_its_ranks_do_and_says_which_go_on(start: Start, tmp_path: Path) -> None:
    with start(id="job-r0", group="job") as run:
        run.log({"loss": 1.0})
    live = start(id="job-r1", group="job")
    live.log({"loss": 2.0})
    assert join(tmp_path / "runs")[0].running == 1
    live.log({"loss": 3.0})
    live.finish("failed")
    (joined,) = join(tmp_path / "runs")
    assert (joined.running, joined.steps) == (0, 1)
    (state,) = (run.state for run in runlog.runs(tmp_path / "runs") if run.id == "job")
    assert state == "failed"


def test_a_run_of_that_name_that_is_none_of_ranks_is_left_alone(start: Start, tmp_path: Path) -> None:
    with start(id="job") as run:
        run.log({"mine": 1.0})
    log_ranks(start, lambda rank: {"loss": 1.0})
    (joined,) = join(tmp_path / "runs")
    assert joined.folder is None
    assert "is another run" in joined.problems[0]
    assert scalars(tmp_path / "runs/job") == {"mine": {0: 1.0}}


def test_a_rank_that_cannot_be_read_is_said_and_the_others_are_joined(start: Start, tmp_path: Path) -> None:
    log_ranks(start, lambda rank: {"loss": rank}, ranks=3)
    (tmp_path / "runs/job-r1/run.db").write_bytes(b"garbage" * 1000)
    (joined,) = join(tmp_path / "runs")
    assert "job-r1 is left out" in joined.problems[0]
    assert scalars(tmp_path / "runs/job") == {"loss": {0: 1.0}}


def test_without_ranks_it_says_what_they_are(start: Start, tmp_path: Path) -> None:
    start(id="job-r0").finish()
    with pytest.raises(runlog.InvalidValueError, match="ID-r0, ID-r1"):
        join(tmp_path / "runs")


def test_a_table_that_a_rank_logs_again_while_it_is_joined_is_of_one_moment(
    start: Start, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log_ranks(start, lambda rank: {"rows": runlog.Table(["n"], [[rank]] * 50)})
    with start(id="job-r1", resume="must") as live:
        read, count = runlog.RunReader._read, [0]

        def read_and_log(reader: runlog.RunReader, query: Callable[[Any], Any]) -> Any:
            found = read(reader, query)
            if reader.folder == live.folder:
                count[0] += 1
                live.log({"rows": runlog.Table(["n"], [[100 + count[0]]] * 50)}, step=0)
            return found

        monkeypatch.setattr(runlog.RunReader, "_read", read_and_log)
        (joined,) = join(tmp_path / "runs")
        monkeypatch.undo()
    assert joined.problems == ()
    with runlog.open(tmp_path / "runs/job") as reader:
        of_rank = {table.key: table.rows() for table in reader.tables()}
    assert of_rank["rows/rank-0"] == ((0,),) * 50
    assert len(set(of_rank["rows/rank-1"])) == 1
    assert len(of_rank["rows/rank-1"]) == 50
