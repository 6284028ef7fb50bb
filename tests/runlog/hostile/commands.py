"""Every command on a runs folder with a hostile run in it, and what none of them may have done.

A `Place` is a user's home with files and secrets, beside it a runs folder with two runs: ``bad``, for a test
to make hostile, and ``good``, which must go on working. `carry_out` runs one of `COMMANDS` there, in a forked
process with a time limit, and returns what the hostile run achieved: nothing, one hopes.
"""

from __future__ import annotations

import contextlib
import csv
import gc
import hashlib
import io
import os
import resource
import select
import shutil
import signal
import stat
import sys
import tempfile
import threading
import traceback
import urllib.error
import urllib.parse
import urllib.request
import warnings
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import pandas  # noqa: F401 - imported once, before commands are forked
from PIL import Image as PILImage
from PIL.PngImagePlugin import PngInfo

import runlog
import runlog.archives.verifying
import runlog.exporters.coco
import runlog.exporters.imagefolder
import runlog.exporters.tables
import runlog.upkeep.checking
import runlog_viewer.report
import runlog_viewer.with_pages
from runlog.cli import main

BAD, GOOD = "bad", "good"
# In every file of the home; never in a run, and so never in what a command makes of one.
SECRET = b"c2VjcmV0-4f1d7a90-of-this-user"
SECRET_COLOUR = (211, 17, 173)
TIME_LIMIT_SECONDS = 30
_MEMORY_LIMIT = 6 << 30
_LONGEST_LINE = 1500
_PICTURES = (".png", ".jpg", ".jpeg", ".webp", ".gif", ".bmp")


@dataclass(frozen=True)
class Place:
    """Where one command works: a home, a runs folder, and where outputs go."""

    root: Path

    @property
    def home(self) -> Path:
        """A user's home, with files and secrets: nothing in it may change, or be seen anywhere else."""
        return self.root / "home"

    @property
    def runs(self) -> Path:
        """The runs folder that was received."""
        return self.root / "runs"

    @property
    def bad(self) -> Path:
        """The run folder that a test makes hostile."""
        return self.runs / BAD

    @property
    def good(self) -> Path:
        """The run folder beside it."""
        return self.runs / GOOD

    @property
    def out(self) -> Path:
        """The folder of all outputs that were asked for."""
        return self.root / "out"


@dataclass(frozen=True)
class Outcome:
    """How a command ended: its exit code, or the signal that ended it, and what it printed."""

    code: int
    stdout: str
    stderr: str


@dataclass(frozen=True)
class Command:
    """Something a user does with the runs.

    Attributes
    ----------
    call
        Does it, and returns the exit code.
    serves_good
        Whether the run beside the hostile one came out as it must; None for what is about one run alone.
    """

    name: str
    call: Callable[[Place], int]
    serves_good: Callable[[Place, Outcome], bool] | None = None


def make_runs(runs: Path, *, with_site: bool = False) -> None:
    """Log two runs of every kind of value; one image is large enough for a thumbnail if there is a site."""
    rng = np.random.default_rng(7)
    box = {"position": {"minX": 0.1, "maxX": 0.6, "minY": 0.2, "maxY": 0.7}, "class_id": 1}
    middle = {"position": {"middle": [8, 8], "width": 6, "height": 4}, "domain": "pixel", "class_id": 2}
    labels = {1: "coin", 2: "hand"}
    mask = rng.integers(0, 3, (16, 24)).astype(np.uint8)
    for run_id in (BAD, GOOD):
        with runlog.init(id=run_id, dir=runs, record_environment=False, quiet=True) as run:
            run.log({"loss": 9}, step=7)
        with runlog.init(
            "project", name=f"name-{run_id}", id=run_id, dir=runs, config={"rate": 0.1, "net": {"depth": 3}},
            resume="must", resume_step=0,
            tags=["one"], group="group", notes="notes", record_environment=False, quiet=True,
        ) as run:  # fmt: skip
            run.define_metric("loss", step_metric="epoch", summary="min")
            run.define_metric("epoch")
            run.define_evaluation("val/*", score="confidence", by_class=True, ignore_ids=[2])
            run.define_classes({3: {"name": "table", "color": "#102030"}})
            grown = runlog.Table(["picture", "word", "number"], incremental=True)
            for step in range(3):
                image = runlog.Image(
                    rng.integers(0, 255, (16, 24, 3)).astype(np.uint8),
                    caption=f"picture {step}",
                    grouping=step,
                    boxes={
                        "predictions": {
                            "box_data": [
                                {**box, "box_caption": "a coin", "scores": {"confidence": 0.5}},
                                middle,
                            ],
                            "class_labels": labels,
                            "class_colors": {1: "#8090a0"},
                        },
                        "truth": {"box_data": [box], "class_labels": labels},
                    },
                    masks={
                        "truth": {"mask_data": mask, "class_labels": labels},
                        "predictions": {"mask_data": mask},
                    },
                    id=f"picture-{step}",
                    fields={"prediction": "coin", "p": step / 3, "count": step, "right": step > 1},
                )
                other = runlog.Image(image, id="another")
                grown.add_row(image, "a word", step / 3)
                run.log(
                    {
                        "val/predictions": [image, other],
                        "loss": 1 / (step + 1),
                        "epoch": step / 2,
                        "say": "hello",
                        "mistakes": grown,
                        "weights": runlog.Histogram(rng.normal(size=50)),
                        "answers": ["yes", "no"],
                        "sizes": [1, 2.5],
                    },
                    step=step,
                )
            run.log({"nothing": [], "numbers": [1.0, 2.0]}, step=3)
            run.log({"clip": runlog.File(b"moving", name="clip.mp4")}, step=2)
            own = run.folder / "files" / "notes"
            own.mkdir(parents=True)
            (own / "own.html").write_bytes(b"<script>alert(1)</script>")
            if with_site:
                wide = np.kron(rng.integers(0, 255, (4, 410)), np.ones((4, 4))).astype(np.uint8)
                ids = (np.arange(16 * 24).reshape(16, 24) * 7 % 400).astype(np.uint16)
                many = runlog.Image(wide[:, :24], masks={"ids": {"mask_data": ids}})
                run.log({"wide": [runlog.Image(wide), many], "long": "words " * 2000}, step=4)
            # Measured by a thread where a script asks for it, which would make these runs wait.
            run._store.add_system_numbers({"cpu": 0.5})
            run.summary["best"] = 0.25
    if with_site:
        runlog_viewer.build(runs)


def make_place(root: Path, runs: Path) -> Place:
    """Make a place with a copy of `runs`, as by `make_runs`."""
    place = Place(root)
    shutil.copytree(runs, place.runs, symlinks=True)
    for folder in (place.out, root / "work", root / "tmp", root / "cache"):
        folder.mkdir()
    _make_home(place.home)
    return place


def _make_home(home: Path) -> None:
    text = SECRET + b"\n"
    files = {
        ".bashrc": b"export TOKEN=" + text,
        ".ssh/id_rsa": text * 3,
        ".netrc": text,
        "documents/letter.txt": b"Dear\n" + text,
        "documents/index.html": b"<p>" + text,
        "documents/viewer/steps/000000000.html": text,
        "documents/media/images/a.png": text,
        "bin/gs": b'#!/bin/sh\necho ran >> "$(dirname "$0")/gs"\n#' + text,
    }
    for name, data in files.items():
        path = home / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    (home / "bin/gs").chmod(0o755)
    note = PngInfo()
    note.add_text("secret", SECRET.decode())
    PILImage.new("RGB", (24, 16), SECRET_COLOUR).save(home / "documents/photo.png", pnginfo=note)
    shutil.copyfile(home / "documents/photo.png", home / ".private.png")


def load_all(place: Place) -> None:
    """Carry out every command on sound runs: what each loads first is there when this process is forked."""
    with (
        warnings.catch_warnings(),
        contextlib.redirect_stdout(io.StringIO()),
        contextlib.redirect_stderr(io.StringIO()),
    ):
        warnings.simplefilter("ignore")
        for command in COMMANDS:
            if command.call is not _view:
                command.call(place)
    # A collection in a forked process would copy every page that is shared with this one.
    gc.collect()
    gc.freeze()


# What every command is judged by


def carry_out(command: Command, place: Place) -> list[str]:
    """Run a command at a place; return what it did that none may do, and what it failed to do."""
    home, good = _listing(place.home), _listing(place.good / "media")
    rows = (place.good / "run.db").read_bytes()
    around = set(os.listdir(place.root))
    outcome, was_stopped = _forked(command, place)
    found = []
    if was_stopped:
        found.append(f"hung for {TIME_LIMIT_SECONDS} s")
    elif outcome.code not in (0, 1, 2):
        found.append(f"ended with {outcome.code}")
    if "Traceback (most recent call last)" in outcome.stderr:
        found.append("a traceback: " + outcome.stderr[-1500:])
    if outcome.code == 2 and not outcome.stderr.strip():
        found.append("failed without a word")
    found += (f"no clear line: {line[:300]!r}" for line in outcome.stderr.splitlines() if not _is_clear(line))
    found += _differences("home", home, _listing(place.home))
    found += _differences("the media of the good run", good, _listing(place.good / "media"))
    if (place.good / "run.db").read_bytes() != rows:
        found.append("the rows of the good run changed")
    if others := set(os.listdir(place.root)) - around:
        found.append(f"new beside the runs folder: {sorted(others)}")
    found += (
        f"left behind: {path}" for folder in ("tmp", "work") for path in (place.root / folder).iterdir()
    )
    found += _secrets(place, outcome)
    if not was_stopped and command.serves_good and not command.serves_good(place, outcome):
        found.append(f"the good run was not served: {outcome.stdout[-300:]!r} {outcome.stderr[-600:]!r}")
    return [f"{command.name}: {line}" for line in found]


def _is_clear(line: str) -> bool:
    return len(line) <= _LONGEST_LINE and all(c.isprintable() or c == "\t" for c in line)


def _listing(folder: Path) -> dict[str, tuple[object, ...]]:
    """Return all that can be told of each file, folder and link below a folder, and of the folder itself."""
    return {
        os.path.relpath(path, folder): _told(path)
        for path in (str(folder), *_below(folder))
        if os.path.lexists(path)
    }


def _below(folder: Path) -> Iterator[str]:
    for place, folders, files in os.walk(folder):
        yield from (os.path.join(place, name) for name in (*folders, *files))


def _told(path: str) -> tuple[object, ...]:
    status = os.lstat(path)
    content: object = None
    if stat.S_ISREG(status.st_mode):
        content = hashlib.sha256(Path(path).read_bytes()).hexdigest()
    elif stat.S_ISLNK(status.st_mode):
        content = os.readlink(path)
    links = 0 if stat.S_ISDIR(status.st_mode) else status.st_nlink
    return stat.S_IFMT(status.st_mode), stat.S_IMODE(status.st_mode), links, status.st_mtime_ns, content


def _differences(what: str, before: dict[str, object], after: dict[str, object]) -> Iterator[str]:
    for name in sorted(before.keys() | after.keys()):
        # Folders of a run gain and lose links and temporaries; those of the home must not.
        if before.get(name) != after.get(name) and not (what != "home" and _only_links(before, after, name)):
            yield f"{what}: {name} was {before.get(name)}, is {after.get(name)}"


def _only_links(before: dict[str, object], after: dict[str, object], name: str) -> bool:
    # `build -o` publishes media files as hard links, which is what it is for.
    was, is_now = before.get(name), after.get(name)
    return was is not None and is_now is not None and was[:2] == is_now[:2] and was[3:] == is_now[3:]  # type: ignore[index]


def _secrets(place: Place, outcome: Outcome) -> Iterator[str]:
    for name in ("stdout", "stderr"):
        if SECRET.decode() in getattr(outcome, name):
            yield f"a secret in {name}"
    for folder in (place.out, place.root / "cache", place.root / "tmp", place.runs):
        for path in map(Path, _below(folder)):
            if path.is_symlink() and place.out in path.parents:
                yield f"an output is a link: {path.relative_to(place.root)} to {os.readlink(path)}"
            elif stat.S_ISREG(path.lstat().st_mode):
                yield from (f"a secret in {path.relative_to(place.root)}{where}" for where in _leaks(path))


def _leaks(path: Path) -> Iterator[str]:
    data = path.read_bytes()
    if _tells(data):
        yield ""
    if data[:4] == b"PK\x03\x04":
        with contextlib.suppress(zipfile.BadZipFile), zipfile.ZipFile(path) as file:
            yield from (f", {member}" for member in file.namelist() if _tells(file.read(member)))


def _tells(data: bytes) -> bool:
    if SECRET in data:
        return True
    return data[:4] in (b"\x89PNG", b"RIFF", b"\xff\xd8\xff\xe0", b"GIF8") and _shows_secret(data)


@cache
def _shows_secret(data: bytes) -> bool:
    """Look at a picture, most of which are the same at all places."""
    try:
        with PILImage.open(io.BytesIO(data)) as picture:
            pixels = np.asarray(picture.convert("RGB")).reshape(-1, 3).astype(int)
    except Exception:  # a damaged picture tells nothing
        return False
    return bool((np.abs(pixels - SECRET_COLOUR).max(axis=1) < 12).mean() > 0.5)


# How a command is run


def _forked(command: Command, place: Place) -> tuple[Outcome, bool]:
    """Run a command in a forked process that can be stopped wherever it hangs."""
    streams = place.root.parent / f"{place.root.name}.stdout", place.root.parent / f"{place.root.name}.stderr"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # libraries have threads, which do nothing now
        child = os.fork()
    if child == 0:
        _in_child(command, place, *streams)
    end = os.pidfd_open(child)
    was_stopped = not select.select([end], [], [], TIME_LIMIT_SECONDS)[0]
    os.close(end)
    if was_stopped:
        os.killpg(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    texts = [stream.read_text(errors="backslashreplace") for stream in streams]
    for stream in streams:
        stream.unlink()
    return Outcome(os.waitstatus_to_exitcode(status), *texts), was_stopped


def _in_child(command: Command, place: Place, stdout: Path, stderr: Path) -> None:
    code = 70
    try:
        os.setsid()
        resource.setrlimit(resource.RLIMIT_AS, (_MEMORY_LIMIT, _MEMORY_LIMIT))
        for number, path in ((1, stdout), (2, stderr)):
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
            os.dup2(descriptor, number)
            os.close(descriptor)
        sys.stdout = open(1, "w", encoding="utf-8", errors="backslashreplace", closefd=False)
        sys.stderr = open(2, "w", encoding="utf-8", errors="backslashreplace", closefd=False)
        sys.unraisablehook, threading.excepthook = sys.__unraisablehook__, threading.__excepthook__
        warnings.resetwarnings()
        warnings.simplefilter("ignore", ResourceWarning)
        warnings.showwarning = lambda message, *rest: print(f"warning: {message}", file=sys.stderr)
        os.environ.update(
            HOME=str(place.home),
            XDG_CACHE_HOME=str(place.root / "cache"),
            TMPDIR=str(place.root / "tmp"),
            RUNLOG_DIR=str(place.runs),
            PATH=f"{place.home / 'bin'}{os.pathsep}{os.environ['PATH']}",
        )
        tempfile.tempdir = None
        os.chdir(place.root / "work")
        code = _answered(command, place)
    except BaseException:
        traceback.print_exc()
    finally:
        with contextlib.suppress(BaseException):
            sys.stdout.flush()
            sys.stderr.flush()
        os._exit(code)


def _answered(command: Command, place: Place) -> int:
    """Return the exit code; an error of runlog's own is an answer, any other is a traceback."""
    try:
        return command.call(place)
    except runlog.RunlogError as error:
        print(f"runlog: {error}", file=sys.stderr)
        return 2


# The commands


def _cli(*arguments: str) -> Callable[[Place], int]:
    """Return what calls the command line; ``RUNS``, ``BAD`` and ``OUT/…`` stand for the place's folders."""

    def call(place: Place) -> int:
        names = {"RUNS": str(place.runs), "BAD": str(place.bad)}
        given = [
            str(place.out / one.removeprefix("OUT/")) if one.startswith("OUT/") else names.get(one, one)
            for one in arguments
        ]
        try:
            return main(given)
        except SystemExit as end:
            return end.code if isinstance(end.code, int) else 1

    return call


def _join(place: Place) -> int:
    """Join a launch of which the hostile run is a rank, and the other one the next."""
    place.bad.rename(place.runs / "job-r0")
    shutil.copytree(place.good, place.runs / "job-r1", symlinks=True)
    return _cli("join", "RUNS")(place)


def _view(place: Place) -> int:
    """Build, serve, and ask for everything there is, as `runlog view` and a curious browser would."""
    updates = runlog_viewer.watch(place.runs)
    result = next(updates)
    for problem in result.problems:
        print(f"runlog: {' '.join(problem.split())}", file=sys.stderr)
    names = [os.path.relpath(path, place.runs) for path in _below(place.runs)]
    names += [
        f"{BAD}/../../home/.bashrc",
        f"{BAD}/%2e%2e/%2e%2e/home/.bashrc",
        f"{BAD}/media//{place.home}/.netrc",
    ]
    served = place.out / "served"
    served.mkdir()
    with runlog_viewer.Server(result.index.parent) as server:
        base, _, query = server.url.partition("?")
        opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor())
        for number, name in enumerate(["", *names]):
            with contextlib.suppress(urllib.error.URLError):
                request = f"{base}{urllib.parse.quote(name, safe='/%')}" + (
                    f"?{query}" if number == 0 else ""
                )
                with opener.open(request, timeout=TIME_LIMIT_SECONDS / 2) as answer:
                    (served / f"{number}").write_bytes(answer.read())
                    print(f"served {name}")
    updates.close()
    return 2 if result.problems else 0


def _resume(place: Place) -> int:
    """Resume the run as a script would, and log to it again."""
    with runlog.init(id=BAD, dir=place.runs, resume="must", record_environment=False, quiet=True) as run:
        picture = np.full((16, 24, 3), 9, np.uint8)
        mask = np.ones((16, 24), np.uint8)
        again = runlog.Image(picture, masks={"truth": {"mask_data": mask}})
        run.log({"val/predictions": [again], "loss": 0.1, "say": "again"}, step=0)
        run.log({"answers": ["no"], "sizes": [3], "weights": runlog.Histogram([1, 2])}, step=0)
        run.log({"val/predictions": [], "loss": 0.2}, step=1)
        run.log({"val/predictions": [again, again], "new": 1.0})
        run.config["rate"] = 0.2
        run.log({"clip": runlog.File(b"moving again", name="clip.mp4")}, step=2)
        run.save_file(place.bad / "run.db", "notes/own.html")
        run.flush()
    return 0


def _reader(place: Place) -> int:
    """Read all there is of the run, and show it as a notebook does."""
    with (
        runlog.open(place.bad) as reader,
        (place.out / "read.txt").open("w", errors="backslashreplace") as out,
    ):
        problems = 0

        def told(read: Callable[[], object]) -> None:
            nonlocal problems
            try:
                out.write(f"{read()!r}\n")
            except runlog.RunlogError as error:
                problems += 1
                print(f"runlog: {error}", file=sys.stderr)

        for read in (
            reader.run, reader.counts, reader.steps, reader.latest_steps, reader.scalars, reader.texts,
            reader.files, reader.latest_texts, reader.histograms, reader.metrics, reader.media, reader.images,
            reader.revision, reader._repr_html_,
        ):  # fmt: skip
            told(read)
        for rows in ("scalars", "texts", "histograms", "files", "images", "boxes"):
            told(lambda rows=rows: reader.frame(rows).to_csv())
        with contextlib.suppress(runlog.RunlogError):
            for image in reader.images():
                told(lambda image=image: reader.pixels(image).tobytes())
                told(lambda image=image: reader.image(image)._repr_html_())
                for layer in image.masks:
                    told(lambda image=image, layer=layer: reader.class_ids(image, layer.name).tobytes())
    return 2 if problems else 0


def _runs(place: Place) -> int:
    for run in runlog.runs(place.runs):
        print(run)
    return 0


def _names_good(place: Place, outcome: Outcome) -> bool:
    return f"name-{GOOD}" in outcome.stdout


def _has_pages(site: str) -> Callable[[Place, Outcome], bool]:
    def has(place: Place, outcome: Outcome) -> bool:
        sites = [place.root / site, *(place.root / "cache/runlog/sites").glob("*")]
        return any((folder / GOOD / "index.html").is_file() for folder in sites)

    return has


def _checks_good(place: Place, outcome: Outcome) -> bool:
    return f"{place.good}: in order" in outcome.stdout


def _exports_good(place: Place, outcome: Outcome) -> bool:
    with (place.out / "csv/scalars.csv").open() as file:
        return len(list(csv.reader(file))) > 6


def _data_set_has_good(place: Place, outcome: Outcome) -> bool:
    return f'"{GOOD}"' in (place.out / "parquet/data-set.json").read_text()


COMMANDS = (
    Command("ls", _cli("ls", "RUNS"), _names_good),
    Command("ls --json", _cli("ls", "RUNS", "--json"), _names_good),
    Command("ls RUN", _cli("ls", "BAD")),
    Command("show", _cli("show", "BAD")),
    Command("show --json", _cli("show", "BAD", "--json")),
    Command("show by name", _cli("show", f"name-{GOOD}"), _names_good),
    Command("runs()", _runs, _names_good),
    Command("reader", _reader),
    Command("build", _cli("build", "RUNS"), _has_pages("runs")),
    Command("build RUN", _cli("build", "BAD")),
    Command("build -o", _cli("build", "RUNS", "-o", "OUT/site"), _has_pages("out/site")),
    Command("build RUN -o", _cli("build", "BAD", "-o", "OUT/site")),
    Command("view", _view, lambda place, outcome: f"served {GOOD}/index.html" in outcome.stdout),
    Command("archive", _cli("archive", "BAD", "-o", "OUT/bad.zip")),
    Command("archive to a folder", _cli("archive", "BAD", "-o", "OUT/bad")),
    Command("verify", _cli("verify", "BAD")),
    Command("verify --deep", _cli("verify", "RUNS", "--deep")),
    Command("check", _cli("check", "RUNS"), _checks_good),
    Command("check --repair", _cli("check", "RUNS", "--repair", "--ended"), _checks_good),
    Command("prune --yes", _cli("prune", "BAD", "--keep-last", "1", "--yes")),
    Command("evaluate", _cli("evaluate", "BAD", "--min-score", "0.1")),
    Command("migrate", _cli("migrate", "RUNS"), lambda place, outcome: f"{place.good}: " in outcome.stdout),
    Command("export coco", _cli("export", "coco", "BAD", "-o", "OUT/coco")),
    Command("export csv", _cli("export", "csv", "BAD", "-o", "OUT/csv")),
    Command("export html", _cli("export", "html", "BAD", "-o", "OUT/report.html")),
    Command("export imagefolder", _cli("export", "imagefolder", "BAD", "-o", "OUT/imagefolder")),
    Command("export parquet", _cli("export", "parquet", "RUNS", "-o", "OUT/parquet"), _data_set_has_good),
    Command("export of the good run", _cli("export", "csv", f"name-{GOOD}", "-o", "OUT/csv"), _exports_good),
    Command("resume", _resume),
    Command("edit", _cli("edit", "BAD", "--name", "renamed", "--tag", "seen")),
    Command("join", _join),
    Command("rm", _cli("rm", "BAD", "--yes"), lambda place, outcome: place.good.is_dir()),
)
