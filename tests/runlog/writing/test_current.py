"""The module-level face: ``runlog.init``, ``runlog.log``, ``runlog.run``, ``runlog.finish``."""

import inspect
import re
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

import runlog

from ..cli.calling import run_code


def test_module_level_log_and_finish_mean_the_run_started_last(tmp_path: Path) -> None:
    run = runlog.init(dir=tmp_path, quiet=True)
    assert runlog.run is run
    runlog.log({"a": 1}, step=4)
    runlog.finish()
    with runlog.open(run.folder) as reader:
        assert reader.run().state == "finished"
        assert reader.scalars()[0].steps.tolist() == [4]


def test_the_help_of_init_tells_every_argument() -> None:
    signature = inspect.signature(runlog.init)
    assert list(signature.parameters)[:2] == ["project", "name"]
    assert signature.return_annotation is runlog.LocalRun
    parameters, _, rest = inspect.getdoc(runlog.init).partition("Raises\n")
    for name in signature.parameters:
        assert re.search(rf"^(\w+, )*{name}(, \w+)*$", parameters, re.M), name
    assert "Returns\n" in rest


@pytest.mark.parametrize(("arguments", "named"), [((), {"nmae": "x"}), (("a", "b"), {})])
def test_a_wrong_argument_is_one_of_init(arguments: tuple[str, ...], named: dict[str, str]) -> None:
    with pytest.raises(TypeError, match=r"^init\(\) "):
        runlog.init(*arguments, **named)


def test_without_init_the_error_says_so() -> None:
    code = "import runlog; runlog.finish(); runlog.log({'a': 1})"
    result = run_code(code)
    assert "there is none; call runlog.init()" in result.stderr


def test_without_a_run_to_look_for_one_is_no_error(monkeypatch: pytest.MonkeyPatch) -> None:
    # Editors and consoles complete names by asking for each.
    monkeypatch.setattr("runlog.writing.current._current", None)
    assert runlog.run is None
    with pytest.raises(runlog.InvalidValueError, match="must be started first"):
        runlog.log({"a": 1})


_STREAMS_THAT_CANNOT_BE_WRITTEN = """
import io, os, sys, warnings, runlog, runlog.wandb
warnings.simplefilter("always")
def closed():
    stream = io.StringIO()
    stream.close()
    return stream
def full():
    return open("/dev/full", "w", buffering=1)
def without_reader():
    reading, writing = os.pipe()
    os.close(reading)
    return open(writing, "w", buffering=1)
streams = {"None": None, "closed": closed(), "full": full(), "without a reader": without_reader()}
for name, sys.stderr in streams.items():
    with runlog.init(id=name.replace(" ", "-"), dir=sys.argv[1]) as run:
        run.log({"a": 1.5}, step=0)
        run.log({"a": "a text, of which a warning says that it was a number"}, step=1)
        runlog.wandb.termlog("a line")
sys.stderr = sys.__stderr__
print(*(run.state for run in runlog.runs(sys.argv[1])))
"""


def test_no_notice_and_no_warning_ends_a_script_whose_stderr_cannot_be_written(tmp_path: Path) -> None:
    done = run_code(_STREAMS_THAT_CANNOT_BE_WRITTEN, tmp_path)
    assert (done.stdout, done.stderr) == ("finished finished finished finished\n", "")


def test_init_prints_the_folder_and_finish_the_command(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    with runlog.init(id="my-run"):
        pass
    out, err = capsys.readouterr()
    assert out == ""
    assert err == "runlog: logging to runs/my-run\nrunlog: see it with  runlog view runs/my-run\n"


@pytest.mark.parametrize("silent", ["argument", "environment"])
def test_both_lines_can_be_kept_quiet(
    tmp_path: Path, silent: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    if silent == "environment":
        monkeypatch.setenv("RUNLOG_SILENT", "1")
    with runlog.init(dir=tmp_path, quiet=silent == "argument"):
        pass
    assert capsys.readouterr() == ("", "")


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        runlog.nothing  # noqa: B018


def test_in_a_notebook_a_second_init_finishes_the_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # IPython itself is no dependency; what is asked of it is this one function.
    monkeypatch.setitem(sys.modules, "IPython", SimpleNamespace(get_ipython=object))
    first = runlog.init(dir=tmp_path, quiet=True)
    with runlog.init(dir=tmp_path, quiet=True), runlog.open(first.folder) as reader:
        assert reader.run().state == "finished"


def test_in_a_script_two_runs_may_be_open(tmp_path: Path) -> None:
    with runlog.init(dir=tmp_path, quiet=True) as one, runlog.init(dir=tmp_path, quiet=True) as other:
        one.log({"a": 1})
        other.log({"a": 1})
