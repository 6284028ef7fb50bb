"""The scripts' rooms import in one direction, as those of the Python packages do."""

from __future__ import annotations

import re
from collections.abc import Mapping

import pytest

from runlog_viewer.html.linker import Entries, LinkError, link, read_module
from runlog_viewer.html.scripts import STATIC

# From the left to the right: a room imports only from those to its left, and from itself. What stands in
# pages/ itself is for every page; the rooms in it, each a page, import nothing from one another.
ROOMS = (("core",), ("data",), ("overlays", "charts"), ("gallery",), ("judging", "stage"), ("pages",))
PLACE = {room: place for place, rooms in enumerate(ROOMS) for room in rooms}


def sources() -> dict[str, str]:
    return {
        path.relative_to(STATIC).with_suffix("").as_posix(): path.read_text() for path in STATIC.rglob("*.js")
    }


def imported(name: str, source: str) -> set[str]:
    """Return the modules that one imports, also for the types in its comments."""
    of_types = re.findall(r"import\('(\.[^']+)\.js'\)|@import .* from '(\.[^']+)\.js'", source)
    paths = [one or other for one, other in of_types]
    lines = "\n".join(f"import {{type{n}}} from '{path}.js';" for n, path in enumerate(paths))
    read = [*read_module(name, source).imports, *read_module(name, lines).imports]
    return {one.module for one in read}


def wrong_imports(modules: Mapping[str, str]) -> list[str]:
    """Return the imports that run against the direction."""
    return [
        f"{name} imports {other}"
        for name, source in sorted(modules.items())
        for other in sorted(imported(name, source))
        if not _may_import(name, other)
    ]


def _may_import(name: str, other: str) -> bool:
    room, *inner = name.split("/")[:-1]
    of_room, *of_inner = other.split("/")[:-1]
    if room == of_room:
        return not of_inner or inner == of_inner
    return PLACE[of_room] < PLACE[room]


def test_rooms_import_from_those_to_their_left_alone() -> None:
    assert wrong_imports(sources()) == []


def test_every_script_stands_in_a_room() -> None:
    assert {name.split("/")[0] for name in sources()} == set(PLACE)


@pytest.mark.parametrize(
    ("name", "fault"),
    [
        ("core/content", "import * as filters from '../overlays/filters.js';\n"),
        ("data/run_data", "import {start} from '../overlays/scores.js';\n"),
        ("data/series", "import * as axes from '../charts/axes.js';\n"),
        ("overlays/hover", "import * as charts from '../charts/charts.js';\n"),
        ("charts/charts", "import * as overlays from '../overlays/overlays.js';\n"),
        ("gallery/figures", "import * as stage from '../stage/stage.js';\n"),
        ("stage/full", "import {openStepPage} from '../pages/step/step_page.js';\n"),
        ("pages/key/key_page", "import {notice} from '../step/notice.js';\n"),
        ("pages/every_page", "import {notice} from './step/notice.js';\n"),
        ("core/morph", "/** @type {import('../data/live.js').Version} */\n"),
        ("core/morph", "/** @import {Version} from '../data/live.js' */\n"),
    ],
)
def test_an_import_that_runs_back_is_found(name: str, fault: str) -> None:
    modules = sources()
    assert len(wrong_imports(modules | {name: fault + modules[name]})) == 1


def test_a_module_may_not_lead_back_to_itself() -> None:
    modules = {
        "pages/first": "import {a} from '../core/a.js';\na();\n",
        "core/a": "import {b} from './b.js';\nexport const a = () => b();\n",
        "core/b": "import {a} from './a.js';\nexport const b = () => a();\n",
    }
    with pytest.raises(LinkError, match="circle, but pages/first → core/a → core/b → core/a"):
        link({"page": Entries("pages/first", "pages/first")}, modules.__getitem__)
