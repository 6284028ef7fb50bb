"""Templates are compiled once a version; code in the cache is believed only where nobody else may write."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from jinja2 import DictLoader, Environment

from runlog.files.user_cache import user_cache
from runlog_viewer.html.compiled_templates import CompiledTemplates

SOURCE = "Step {{ step }}"


@pytest.fixture
def compiled(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return the names of the templates that were compiled since; whatever is compiled is noted there."""
    names: list[str] = []
    compile_one = Environment.compile

    def note(environment: Environment, source: str, name: str, *rest: object, **options: object) -> object:
        names.append(name)
        return compile_one(environment, source, name, *rest, **options)

    monkeypatch.setattr(Environment, "compile", note)
    return names


def rendered(version: str = "1", source: str = SOURCE) -> str:
    """Return what a new process would make of a template."""
    environment = Environment(
        loader=DictLoader({"page": source}), autoescape=True, bytecode_cache=CompiledTemplates(version)
    )
    return environment.get_template("page").render(step=3)


def folder() -> Path:
    return user_cache() / "templates"


def only_file() -> Path:
    (file,) = folder().iterdir()
    return file


def test_a_template_is_compiled_once(compiled: list[str]) -> None:
    assert [rendered(), rendered()] == ["Step 3"] * 2
    assert compiled == ["page"]


def test_that_of_another_version_or_of_another_text_is_compiled_anew_in_its_place(
    compiled: list[str],
) -> None:
    rendered()
    assert rendered(version="2") == "Step 3"
    assert rendered(version="2", source="Schritt {{ step }}") == "Schritt 3"
    assert rendered(version="2", source="Schritt {{ step }}") == "Schritt 3"
    assert compiled == ["page"] * 3
    only_file()


def change(at: int) -> None:
    content = bytearray(only_file().read_bytes())
    content[at] ^= 1
    only_file().write_bytes(content)


def give_away() -> None:
    os.chown(folder(), 65534, -1)


def link_elsewhere() -> None:
    folder().rename(user_cache() / "other")
    folder().symlink_to(user_cache() / "other")


TROUBLE: dict[str, Callable[[], object]] = {
    "another version": lambda: change(0),
    "changed code": lambda: change(-1),
    "another digest": lambda: change(1),
    "a part": lambda: only_file().write_bytes(only_file().read_bytes()[:-9]),
    "nothing": lambda: only_file().write_bytes(b""),
    "a group that may write": lambda: folder().chmod(0o770),
    "others who may look": lambda: folder().chmod(0o704),
    "a link": link_elsewhere,
    "another owner": give_away,
    "no folder": lambda: (only_file().unlink(), folder().rmdir(), folder().write_text("")),
}


@pytest.mark.parametrize("trouble", TROUBLE)
def test_what_may_be_no_code_of_ours_is_compiled_anew(trouble: str, compiled: list[str]) -> None:
    if trouble == "another owner" and os.getuid():
        trouble = "a group that may write"  # only root can give a folder away
    rendered()
    TROUBLE[trouble]()
    assert rendered() == "Step 3"
    assert compiled == ["page"] * 2


def test_where_nothing_can_be_kept_pages_are_made_all_the_same(
    compiled: list[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "a-file").write_text("")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "a-file"))
    assert [rendered(), rendered()] == ["Step 3"] * 2
    monkeypatch.delenv("XDG_CACHE_HOME")
    monkeypatch.setenv("HOME", "relative")
    assert rendered() == "Step 3"
    assert compiled == ["page"] * 3
