"""One builder a site: another one says who is at it."""

import os
from pathlib import Path

import pytest

import runlog
import runlog_viewer
from runlog_viewer.building import site_files


def test_a_builder_says_that_another_one_is_at_it_and_who(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(site_files, "_PATIENCE_SECONDS", 0.1)
    for run_id in ("a", "b"):
        with runlog.init(dir=tmp_path, id=run_id, quiet=True) as run:
            run.log({"loss": 1.0})
    runlog_viewer.build(tmp_path)
    me = rf"process {os.getpid()} on \S+ is writing that of .*a; build again"
    with site_files.lock(tmp_path / "a"):
        with pytest.raises(runlog.StorageError, match=me):
            runlog_viewer.build(tmp_path / "a")
        with runlog.init(dir=tmp_path, id="b", resume="must", quiet=True) as run:
            run.log({"loss": 0.5})
        result = runlog_viewer.build(tmp_path)
        assert result.runs == 1
        (problem,) = result.problems
        assert "build again when it is done" in problem
    assert runlog_viewer.build(tmp_path).problems == ()
