"""Full, read-only, forbidden and vanished folders: a clear error, and a run that stays readable."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

import runlog

Run = Callable[..., str]

# Steps 1 and 2 meet the trouble; prints what was raised, what was said, and how many calls were lost.
TRAINING = """
import shutil, subprocess, sys, warnings
from pathlib import Path
import numpy as np, runlog
TROUBLE
def values(step):
    noise = np.random.default_rng(step).integers(0, 256, (64, 64), np.uint8)
    return {"k": runlog.Image(noise, masks={"m": {"mask_data": noise}}), "a": step}

folder, on_error, kept = sys.argv[1:]
with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("always")
    run = runlog.init(dir=folder, id="r", quiet=True, on_error=on_error)
    run.log(values(0), step=0)
    begin(run.folder)
    for step in (1, 2):
        try:
            run.log(values(step), step=step)
        except runlog.StorageError as error:
            print("raised:", error)
    end(run.folder)
    run.log(values(3), step=3)
    run.finish()
for warning in caught:
    print("said:", warning.message)
print("lost:", run.lost_calls)
shutil.copytree(run.folder, kept)
"""

LIMITED = """
import resource, signal
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
SOFT, HARD = resource.getrlimit(resource.RLIMIT_FSIZE)
def begin(folder): resource.setrlimit(resource.RLIMIT_FSIZE, (ROOM, HARD))
def end(folder): resource.setrlimit(resource.RLIMIT_FSIZE, (SOFT, HARD))
"""
FULL = """
import os
def begin(folder):
    with open(folder.parent / "ballast", "wb", buffering=0) as ballast:
        try:
            while ballast.write(bytes(1000)): pass
        except OSError: pass
def end(folder): os.unlink(folder.parent / "ballast")
"""
READ_ONLY = """
def begin(folder):
    subprocess.run(["mount", "--bind", folder, folder], check=True)
    subprocess.run(["mount", "-o", "remount,bind,ro", folder], check=True)
def end(folder): subprocess.run(["umount", folder], check=True)
"""
FORBIDDEN = """
def allow(folder, mode):
    for path in (folder, *folder.rglob("*")):
        if path.is_dir(): path.chmod(mode)
def begin(folder): allow(folder, 0o555)
def end(folder): allow(folder, 0o755)
"""
MOVED = """
def begin(folder): folder.rename(folder.with_name("away"))
def end(folder): folder.with_name("away").rename(folder)
"""
TROUBLES = {
    "a media file too large": (
        LIMITED.replace("ROOM", "1000"),
        "run_unprivileged",
        "media folder",
        "File too large",
    ),
    "a database too large": (
        LIMITED.replace("ROOM", "6000"),
        "run_unprivileged",
        "database",
        "disk I/O error",
    ),
    "disk full": (FULL, "run_on_small_disk", "media folder", "No space left on device"),
    "read-only": (READ_ONLY, "run_on_small_disk", "media folder", "Read-only file system"),
    "permission denied": (FORBIDDEN, "run_unprivileged", "media folder", "Permission denied"),
    "folder moved away": (MOVED, "run_unprivileged", "media folder", "No such file or directory"),
}


@pytest.mark.parametrize("on_error", ["raise", "warn"])
@pytest.mark.parametrize(("code", "runner", "what", "reason"), TROUBLES.values(), ids=list(TROUBLES))
def test_trouble_is_said_clearly_and_loses_only_the_steps_it_meets(
    tmp_path: Path,
    request: pytest.FixtureRequest,
    code: str,
    runner: str,
    what: str,
    reason: str,
    on_error: str,
) -> None:
    run: Run = request.getfixturevalue(runner)
    kept = tmp_path / "kept"
    lines = run(TRAINING.replace("TROUBLE", code), tmp_path, on_error, kept).splitlines()
    raised = [line for line in lines if line.startswith("raised: ")]
    said = [line for line in lines if line.startswith("said: ")]
    if on_error == "raise":
        assert (len(raised), said) == (2, [])
        assert all(what in line and "must be writable" in line and reason in line for line in raised)
    else:
        assert (raised, lines[-1]) == ([], "lost: 2")
        assert what in said[0]
        assert reason in said[0]
        assert said[0].endswith("lost from here on (said once)")
        assert said[1:] == ["said: 2 calls of run r could not be stored"]
    check_steps(kept, [0, 3])


def check_steps(folder: Path, steps: list[int]) -> None:
    """Check that a finished run holds these steps of `TRAINING`, whole, and not a file more."""
    with runlog.open(folder) as reader:
        assert reader.run().state == "finished"
        assert [step.step for step in reader.steps()] == steps
        assert reader.scalars()[0].values.tolist() == steps
        for image in reader.images():
            noise = np.random.default_rng(image.step).integers(0, 256, (64, 64), np.uint8)
            assert np.array_equal(reader.pixels(image), noise)
            assert np.array_equal(reader.class_ids(image, "m"), noise)
        expected = {folder / media.path for media in reader.media()}
    assert {path for path in (folder / "media").rglob("*") if path.is_file()} == expected


ENDING = """
import shutil, subprocess, sys
import numpy as np, runlog
TROUBLE
folder, on_error, kept = sys.argv[1:]
run = runlog.init(dir=folder, id="r", quiet=True)
run.log({"a": 0, "k": runlog.Image(np.full((4, 4), 9, np.uint8))})
begin(run.folder)
try:
    run.finish()
except runlog.StorageError as error:
    print(error)
with runlog.open(run.folder) as reader:
    print(reader.scalars()[0].values.tolist(), reader.pixels(reader.images()[0]).max())
end(run.folder)
"""


@pytest.mark.parametrize("trouble", ["disk full", "read-only", "permission denied"])
def test_a_run_that_ends_in_trouble_stays_readable_there(
    tmp_path: Path, request: pytest.FixtureRequest, trouble: str
) -> None:
    code, runner, _, _ = TROUBLES[trouble]
    run: Run = request.getfixturevalue(runner)
    lines = run(ENDING.replace("TROUBLE", code), tmp_path, "raise", tmp_path / "kept").splitlines()
    assert lines[-1] == "[0.0] 9"
    assert all("must be writable" in line for line in lines[:-1])


STARTING = """
import subprocess, sys, warnings
from pathlib import Path
import runlog
TROUBLE
folder, on_error, _ = sys.argv[1:]
for known in ("old", "new"):
    runs = Path(folder, known)
    runs.mkdir()
    if known == "old":
        runlog.init(dir=runs, id="r", quiet=True).finish()
    begin(runs)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            run = runlog.init(dir=runs, id="r", resume="allow", quiet=True, on_error=on_error)
            run.log({"a": 1})
            run.finish()
        except runlog.StorageError as error:
            print(error)
    for warning in caught:
        print(warning.message)
    end(runs)
"""


@pytest.mark.parametrize("on_error", ["raise", "warn"])
@pytest.mark.parametrize("trouble", ["read-only", "permission denied"])
def test_a_run_that_cannot_begin_says_so_or_with_on_error_warn_is_disabled(
    tmp_path: Path, request: pytest.FixtureRequest, trouble: str, on_error: str
) -> None:
    code, runner, _, reason = TROUBLES[trouble]
    run: Run = request.getfixturevalue(runner)
    old, new = run(STARTING.replace("TROUBLE", code), tmp_path, on_error, "").splitlines()
    assert old.startswith("a run folder must be writable, but ")
    assert new.startswith("a run folder must be made, but ")
    for line in (old, new):
        assert reason in line
        assert line.endswith("nothing of this run is stored") == (on_error == "warn")


def test_with_on_error_warn_a_runs_folder_that_is_a_file_disables_the_run(tmp_path: Path) -> None:
    (tmp_path / "runs").write_text("in the way")
    with pytest.warns(runlog.RunlogWarning, match="a run folder must be made.*nothing of this run is stored"):
        run = runlog.init(dir=tmp_path / "runs", on_error="warn", quiet=True)
    run.log({"a": 1})
    run.finish()
