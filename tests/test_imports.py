"""Rooms import in one direction, and importing the logger stays light.

Every import counts: at the top, inside functions, under TYPE_CHECKING, by `import_module`, and the names that
the face hands on lazily. docs/architecture.md lists and draws these rooms.
"""

import ast
import importlib
import re
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

import runlog

ROOT = Path(__file__).parents[1]
HOMES = {"runlog": ROOT / "runlog", "runlog_viewer": ROOT / "viewer" / "runlog_viewer"}

# From the left to the right: a room imports only from those to its left, and from itself. A room is a folder,
# or a module that stands in none; `runlog` is the face.
ROOMS = (
    {"runlog.secrets"},
    {"runlog.errors", "runlog.palette"},
    {"runlog.basics", "runlog.files"},
    {"runlog.images"},
    {"runlog.values", "runlog.evaluation"},
    {"runlog.storage"},
    {"runlog.reading", "runlog.archives"},
    {"runlog.writing", "runlog.exporters", "runlog.upkeep"},
    {"runlog.importers"},
    {"runlog"},
    {"runlog.tensorboard", "runlog.wandb", "runlog.integrations"},
    {"runlog_viewer.pages"},
    {"runlog_viewer.html"},
    {"runlog_viewer.building", "runlog_viewer.launches"},
    {"runlog_viewer.launch_sites"},
    {"runlog_viewer.site"},
    {"runlog_viewer.watching", "runlog_viewer.serve", "runlog_viewer.with_pages", "runlog_viewer.report"},
    {"runlog_viewer"},
    {"runlog.cli"},
    {"runlog.__main__"},
)
PLACE = {room: place for place, rooms in enumerate(ROOMS) for room in rooms}
# What the viewer takes of runlog: the same as everybody else, the colours, and the gate to files. Where run
# folders and their pages change together, the rooms that change run folders are needed too; a report is an
# export with pages, and what stands for the ranks of a launch is joined of them.
SEEN_BY_THE_VIEWER = {"runlog", "runlog.palette", "runlog.files"}
SEEN_BY = {
    "runlog_viewer.launches": SEEN_BY_THE_VIEWER | {"runlog.importers"},
    "runlog_viewer.with_pages": SEEN_BY_THE_VIEWER | {"runlog.archives", "runlog.upkeep"},
    "runlog_viewer.report": SEEN_BY_THE_VIEWER | {"runlog.exporters"},
}
LAZY_TABLE = "_LATER"  # of the face: name to the module that has it

ARCHITECTURE = ROOT / "docs" / "architecture.md"
# What the page calls rooms whose module has no name of its own.
SHORT = {"runlog": "face", "runlog_viewer": "viewer", "runlog.__main__": "main"}

Graph = dict[str, set[str]]


def source_files() -> dict[str, str]:
    """Return the source of each module, by its dotted name."""
    return {
        ".".join((package, *path.relative_to(home).with_suffix("").parts)).removesuffix(".__init__"): (
            path.read_text()
        )
        for package, home in HOMES.items()
        for path in sorted(home.rglob("*.py"))
    }


def import_graph(sources: dict[str, str]) -> Graph:
    """Return the modules of this project that each module imports, wherever in it."""
    return {
        module: {name if name in sources else name.rpartition(".")[0] or name for name in _imported(source)}
        for module, source in sources.items()
    }


@cache
def _imported(source: str) -> set[str]:
    """Return the names of this project that a module imports: modules, and what is in them."""
    found: list[str] = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are written in full"
            found += [f"{node.module}.{alias.name}" for alias in node.names]
        elif isinstance(node, ast.Call) and ast.unparse(node.func).endswith(("import_module", "__import__")):
            found += [a.value for a in node.args if isinstance(a, ast.Constant) and isinstance(a.value, str)]
    return {name for name in found if name.partition(".")[0] in HOMES}


def lazy_imports(face: str) -> set[str]:
    """Return the modules from which the face hands on names when they are asked for."""
    for node in ast.parse(face).body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == LAZY_TABLE:
            return {place.partition(":")[0] for place in ast.literal_eval(node.value).values()}
    raise AssertionError(f"the face has no table {LAZY_TABLE}")


def room_of(module: str) -> str:
    parts = module.split(".")
    return module if len(parts) == 1 else ".".join(parts[:2])


def faults(graph: Graph) -> list[str]:
    """Return each import that a rule forbids, with the rule."""
    found = []
    for module, imported in sorted(graph.items()):
        room = room_of(module)
        if room not in PLACE:
            found.append(f"{module}: the room {room} has no place in ROOMS")
            continue
        for other in sorted(imported):
            there = room_of(other)
            if there == room:
                continue
            if PLACE.get(there, len(ROOMS)) >= PLACE[room]:
                found.append(f"{module} imports {other}: {there} is not to the left of {room}")
            elif room.startswith("runlog_viewer") and there.partition(".")[0] == "runlog":
                seen = SEEN_BY.get(room, SEEN_BY_THE_VIEWER)
                if there not in seen:
                    found.append(f"{module} imports {other}: the viewer uses what everybody uses")
    return found + [f"circle: {' → '.join(circle)}" for circle in _circles(graph)]


def _circles(graph: Graph) -> list[list[str]]:
    """Return the circles of modules, one way around each."""
    circles: list[list[str]] = []
    done: set[str] = set()

    def visit(module: str, way: list[str]) -> None:
        if module in way:
            circles.append([*way[way.index(module) :], module])
        elif module not in done:
            for other in sorted(graph.get(module, ())):
                visit(other, [*way, module])
            done.add(module)

    for module in sorted(graph):
        visit(module, [])
    return circles


def checked_graph(sources: dict[str, str]) -> Graph:
    """Return the graph that the rules are about: a face that hands on is told apart from one that imports."""
    graph = import_graph(sources)
    later = lazy_imports(sources["runlog"])
    unknown = later - set(sources)
    assert not unknown, f"the face hands on from {unknown}, which is no module"
    # Its names are imported for type checkers as well, which is the table once more and nothing else.
    graph["runlog"] -= later
    return graph


def test_rooms_import_only_from_their_left_and_no_modules_form_a_circle() -> None:
    assert faults(checked_graph(source_files())) == []


def test_the_table_of_the_face_names_only_what_it_promises() -> None:
    assert set(runlog._LATER) <= set(runlog.__all__)


@pytest.mark.parametrize(
    ("module", "line", "fault"),
    [
        ("runlog.images.pixels", "from runlog.storage import layout", "storage is not to the left"),
        (
            "runlog.images.pixels",
            "def f():\n    import runlog.writing.local_run",
            "writing is not to the left",
        ),
        (
            "runlog.basics.frozen",
            "if TYPE_CHECKING:\n    from runlog.images.image import Image",
            "images is not to the left",
        ),
        (
            "runlog.storage.layout",
            "from importlib import import_module\nimport_module('runlog.reading.reader')",
            "reading is not to the left",
        ),
        ("runlog.exporters.coco", "import runlog_viewer", "runlog_viewer is not to the left"),
        ("runlog", "import runlog_viewer.site", "runlog_viewer.site is not to the left"),
        ("runlog_viewer.pages.boxes", "from runlog_viewer.html import markup", "html is not to the left"),
        (
            "runlog_viewer.html.render",
            "from runlog_viewer.building import thumbs",
            "building is not to the left",
        ),
        ("runlog_viewer.building.blocks", "from runlog.storage import queries", "uses what everybody uses"),
        ("runlog_viewer.serve", "from runlog_viewer import watching", "watching is not to the left"),
        ("runlog.images.png", "from runlog.images import image", "circle: "),
        ("runlog.attic.old", "", "has no place in ROOMS"),
    ],
)
def test_a_planted_fault_is_found(module: str, line: str, fault: str) -> None:
    sources = source_files()
    sources[module] = f"{sources.get(module, '')}\n{line}\n"
    found = faults(checked_graph(sources))
    assert any(fault in one for one in found), found


def arrows(graph: Graph) -> Graph:
    """Return the rooms that each room imports, by the names that docs/architecture.md has for them."""
    found: Graph = {short(room_of(module)): set() for module in graph}
    for module, imported in graph.items():
        here = room_of(module)
        found[short(here)] |= {short(room_of(other)) for other in imported} - {short(here)}
    return found


def short(room: str) -> str:
    return SHORT.get(room, room.rpartition(".")[2])


def without_detours(of_rooms: Graph) -> set[tuple[str, str]]:
    """Return the arrows that are the only way from a room to another."""

    @cache
    def reached(room: str) -> set[str]:
        return of_rooms[room].union(*map(reached, of_rooms[room]))

    return {
        (room, other)
        for room, others in of_rooms.items()
        for other in others
        if not any(other in reached(between) for between in others - {other})
    }


def documented_rooms(text: str) -> Graph:
    """Return the table of rooms: each with those that it imports."""
    rows = re.findall(
        r"^\| `(\w+)` \|.*\|([^|]*)\|$", text.partition("## Rooms")[2].partition("\n## ")[0], re.M
    )
    return {room: set(re.findall(r"`(\w+)`", imports)) for room, imports in rows}


def drawn_arrows(text: str) -> set[tuple[str, str]]:
    """Return the arrows of the drawing of the rooms."""
    drawing = text.partition("```mermaid")[2].partition("```")[0]
    lines = re.findall(r"^ *(\w+) --> (.+)$", drawing, re.M)
    return {(room, other) for room, others in lines for other in others.split(" & ")}


def test_the_page_of_the_architecture_lists_and_draws_the_rooms_and_arrows_that_there_are() -> None:
    text = ARCHITECTURE.read_text()
    real = arrows(checked_graph(source_files()))
    listed = documented_rooms(text)
    assert {room: others for room, others in real.items() if listed.get(room) != others} == {}, (
        "mend the table"
    )
    assert set(listed) == set(real)
    assert drawn_arrows(text) == without_detours(real)


@pytest.mark.parametrize(
    ("fault", "pattern", "planted"),
    [
        ("an arrow of the table is gone", r"^(\| `upkeep` .*)`\w+` \|$", r"\1|"),
        ("the table has one too many", r"^(\| `main` .*) \|$", r"\1 `site` |"),
        ("a room is gone", r"^\| `palette` .*\n", ""),
        ("a room is one too many", r"^(\| `)main(` .*\n)", r"\1main\2\1attic\2"),
        ("an arrow of the drawing is gone", r"^ *writing --> .*\n", ""),
        ("the drawing has one too many", r"^( *main --> .*)$", r"\1 & face"),
    ],
)
def test_a_page_that_is_not_as_the_code_is_found(fault: str, pattern: str, planted: str) -> None:
    text = ARCHITECTURE.read_text()
    changed = re.sub(pattern, planted, text, count=1, flags=re.M)
    assert changed != text, fault
    real = arrows(checked_graph(source_files()))
    assert (documented_rooms(text), drawn_arrows(text)) == (real, without_detours(real))
    assert (documented_rooms(changed), drawn_arrows(changed)) != (real, without_detours(real)), fault


def test_importing_and_using_runlog_loads_no_framework_and_no_viewer(tmp_path: Path) -> None:
    code = (
        "import sys, numpy as np, runlog\n"
        f"with runlog.init(dir={str(tmp_path)!r}, quiet=True) as run:\n"
        "    run.log({'a': runlog.Image(np.zeros((2, 2), np.uint8)), 'b': 1})\n"
        "unwanted = {'torch', 'matplotlib', 'tensorflow', 'jax', 'pandas', 'jinja2', 'watchdog',"
        " 'runlog.wandb', 'runlog_viewer'}\n"
        "print(sorted(unwanted & set(sys.modules)))"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "[]"


def test_importing_runlog_loads_no_slow_module_that_a_start_does_not_need() -> None:
    code = (
        "import sys, numpy, PIL.Image, sqlite3\n"
        "before = set(sys.modules)\n"
        "import runlog\n"
        "slow = {'concurrent.futures', 'html', 'importlib.metadata', 'secrets', 'shutil', 'socket'}\n"
        "print(sorted(slow & set(sys.modules) - before))"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "[]"


def test_a_script_that_logs_loads_nothing_that_only_reading_needs(tmp_path: Path) -> None:
    code = (
        "import sys, numpy as np, runlog\n"
        f"run = runlog.init(dir={str(tmp_path)!r}, quiet=True, record_environment=False)\n"
        "run.log({'a': runlog.Image(np.zeros((2, 2), np.uint8)), 'b': 1, 'c': 'text'})\n"
        "run.finish()\n"
        "reading = {'runlog.reading', 'runlog.storage.records', 'runlog.storage.queries',"
        " 'runlog.storage.row_checks', 'runlog.storage.tables'}\n"
        "print(sorted(reading & set(sys.modules)))"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "[]"


def test_every_name_of_the_face_is_there_when_it_is_asked_for() -> None:
    code = "import runlog; print([name for name in runlog.__all__ if not hasattr(runlog, name)])"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "[]"


@pytest.mark.parametrize(("package", "folder"), HOMES.items())
def test_no_room_is_named_like_a_public_function(package: str, folder: Path) -> None:
    """Importing the room would put it in the place of the function."""
    names = set(importlib.import_module(package).__all__)
    # A folder without modules is what compiled Python leaves of a room that is gone.
    rooms = {path.stem for path in folder.iterdir() if path.suffix == ".py" or any(path.glob("*.py"))}
    assert names & rooms == set()
    assert rooms
