"""The scripts of the viewer without a browser: their types, what a linter says of them, and their unit tests.

Node comes with Playwright, tsc and the linter with ``npm ci`` in this folder (``tests/install_tools.sh``).
"""

from __future__ import annotations

import json
import random
import re
import subprocess
from itertools import pairwise
from pathlib import Path

import pytest
from playwright._impl._driver import compute_driver_executable

from runlog import palette
from runlog_viewer.html.linker import Entries, link, without_comments
from runlog_viewer.html.scripts import STATIC
from runlog_viewer.pages import site_names, ticks

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
NODE = compute_driver_executable()[0]
# Node 22 and later read modules without being told that they are some, and warn that this takes time.
QUIET = "--disable-warning=MODULE_TYPELESS_PACKAGE_JSON"
UNIT_TESTS = sorted(path.name for path in HERE.glob("*.test.js"))


def node(*arguments: str | Path, given: str | None = None) -> str:
    """Run node, and return what it prints; a failure shows all of that."""
    command = [NODE, QUIET, *map(str, arguments)]
    done = subprocess.run(command, cwd=ROOT, input=given, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def tool(path: str) -> Path:
    """Return a tool that npm has installed; without it the test is skipped, in CI it fails."""
    found = HERE / "node_modules" / path
    if not found.exists():
        pytest.skip(f"{path} is not installed: run sh tests/install_tools.sh, or npm ci in tests/scripts")
    return found


def test_types_fit() -> None:
    node(tool("typescript/bin/tsc"), "-p", HERE)


def test_the_linter_has_nothing_to_say() -> None:
    node(tool("eslint/bin/eslint.js"), "--config", HERE / "eslint.config.js", "--max-warnings", "0", STATIC)


def test_the_lock_file_names_no_registry() -> None:
    lock = json.loads((HERE / "package-lock.json").read_text())
    assert len(lock["packages"]) > 10
    assert not [name for name, package in lock["packages"].items() if "resolved" in package]


@pytest.mark.parametrize("name", UNIT_TESTS)
def test_unit(name: str) -> None:
    # By itself: `--test` starts a second process for each file.
    node(HERE / name)


def test_a_module_does_nothing_when_it_is_loaded() -> None:
    """Each is loaded without a page, where any look at one would fail."""
    entries = {"entry", "first"}
    modules = [path for path in STATIC.rglob("*.js") if path.stem not in entries]
    assert len(modules) > 50
    node(
        "--input-type=module",
        "--eval",
        "".join(f"await import({json.dumps(path.as_uri())});" for path in modules),
    )


def test_modules_that_are_linked_do_what_they_do_as_modules(tmp_path: Path) -> None:
    """The pure modules, called with the same arguments both ways."""
    calls = """[
        [numbers.number, 0.000123456], [numbers.duration, 4000], [series.nearest, [{x: 1}, {x: 5}], 2],
        [addressText.write, {a: 'b/c d&', e: null}], [paneText.read, '.!truth,a%2Cb@+3'],
        [viewText.read, '1,2,3'], [steps.countUpTo, [1, 4, 9], 5],
        [rowFilter.termsOf, 'lr<0.01 "a b" name:x'],
    ].map(([of, ...given]) => JSON.stringify(of(...given)))"""
    names = {
        "core": ["numbers", "address_text", "pane_text", "row_filter"],
        "data": ["series", "steps"],
        "stage": ["view_text"],
    }
    paths = [f"{room}/{name}" for room, of_room in names.items() for name in of_room]
    constants = [re.sub(r"_(\w)", lambda found: found[1].upper(), path.split("/")[-1]) for path in paths]

    def entry(prefix: str) -> str:
        imports = [f"import * as {c} from '{prefix}{p}.js';\n" for c, p in zip(constants, paths, strict=True)]
        return "".join(imports) + f"console.log({calls}.join('\\n'));\n"

    as_modules = node("--input-type=module", given=entry(f"{STATIC.as_uri()}/"))
    sources = {"first": "", "entry": entry("./")}
    linked = link({"page": Entries("first", "entry")}, lambda name: sources.get(name) or read(name))
    script = "".join(linked.files[name] for name in ("first.js", *linked.of_page["page"]))
    (tmp_path / "linked.cjs").write_text(script)
    assert node(tmp_path / "linked.cjs") == as_modules
    assert len(as_modules.splitlines()) == 8


def test_files_of_a_site_have_the_names_that_they_are_written_by() -> None:
    written = {
        "stepPage": site_names.step_page,
        "blockScript": site_names.block_script,
        "captionsScript": site_names.captions_script,
        "earlierScript": site_names.earlier_script,
        "imagesScript": site_names.images_script,
        "linesScript": site_names.lines_script,
        "rowsScript": site_names.rows_script,
        "textsScript": site_names.texts_script,
    }
    numbers = (0, 7, 12_345, 10**9)
    script = f"""import * as siteNames from '{(STATIC / "data/site_names.js").as_uri()}';
        const [names, numbers] = {json.dumps([list(written), numbers])};
        console.log(JSON.stringify(names.map((name) => numbers.map((number) => siteNames[name](number)))));"""
    found = json.loads(node("--input-type=module", given=script))
    assert found == [
        [name(number).removeprefix(f"{site_names.VIEWER}/") for number in numbers]
        for name in written.values()
    ]


def test_values_have_the_colours_of_classes() -> None:
    script = f"""import {{colours}} from '{(STATIC / "gallery/value_colours.js").as_uri()}';
        console.log(JSON.stringify(colours));"""
    found = json.loads(node("--input-type=module", given=script))
    assert found == list(palette.COLOURS[: len(found)])
    assert len(found) == 12


RANGES = (
    (0, 1), (0.02, 0.9996), (0.0123, 0.0456), (1e-5, 0.005), (-3, 3), (100.25, 100.75), (0, 3e-7),
    (0.1, 1.7e9), (1e6, 1.003e6), (-1.5e8, -1), (5, 5),
    (1, 1 + 2**-52), (1e300, 1.5e300), (0, 5e-324), (-1e308, 1e308),
    (124_439_000, 124_439_808), (124_439_808, 124_439_808), (1.2e9, 1.5e9), (-1e-9, 3e-9),
    (-1e15, 1e9 - 1e15),
    *((low, low * (1 + 10**-n)) for low in (1e-12, -3.7e-5, 0.999, 41_234.5, -8e14) for n in range(7)),
)  # fmt: skip
WHOLE_RANGES = ((0, 1), (0, 3), (1, 14), (5, 5), (3, 1230), (0, 10_000), (900, 2_100_000), (0, 7 * 10**9),
                (10_000_000, 10_000_300))  # fmt: skip


@pytest.mark.parametrize("most", [6, 8])
def test_axes_have_the_labels_that_they_have_without_javascript(most: int) -> None:
    ranges = [tuple(sorted(ends)) for ends in RANGES]
    wanted = [["linear", float(low), float(high), most] for low, high in ranges]
    wanted += [["steps", first, last, most] for first, last in WHOLE_RANGES]
    axes = [ticks.ticks(low, high, most) for low, high in ranges]
    axes += [ticks.step_ticks(first, last, most) for first, last in WHOLE_RANGES]
    labels = [[one.offset, *(label for _, label in one.marks)] for one in axes]
    script = f"""import * as axes from '{(STATIC / "charts/axes.js").as_uri()}';
        const wanted = {json.dumps(wanted)};
        const found = wanted.map(([name, ...range]) => {{
            const {{offset, ticks}} = axes[name](...range);
            return [offset ?? '', ...ticks.map(([, label]) => label)];
        }});
        console.log(JSON.stringify(found));"""
    found = json.loads(node("--input-type=module", given=script))
    assert dict(zip(map(str, wanted), found, strict=True)) == dict(zip(map(str, wanted), labels, strict=True))


# Values, each in pieces between which comments and spaces may stand: what looks like a comment and is none,
# what divides and what is a regular expression.
VALUES = (
    ("'// no'",), ('"/* no */"',), ("'it\\'s // no'",), ("'a\\\n  b'",), ("`// no`",),
    ("`a  /* no */\n   b`",), ("`${", "1", "+", "`/* ${", "'}'", "}`", "}  // no`"), ("`\\`\\${ // no`",),
    ("/[/*]/", ".", "test", "(", "'*'", ")"), ("/\\/\\/'/", ".", "source"), ("/'\"`/g", ".", "flags"),
    ("(", "8", ")", "/", "4", "/", "2"), ("[", "8", "]", "[", "0", "]", "/", "2"), ("8", "/", "2", "/", "1"),
    ("1", "+", "+", "1"), ("1", "-", "-", "1"), ("1", "<", "!", "0"), ("typeof", "/a/"), ("void", "0"),
    ("{", "a", ":", "'//'", "}", ".", "a"), ("1", "in", "[", "0", ",", "1", "]"),
    ("(", "(", ")", "=>", "{", "if", "(", "1", ")", "/a/", ".", "test", "(", "'a'", ")", ";",
     "return", "/b\\//", ".", "source", ";", "}", ")", "(", ")"),
    ("[", "...", "'ab'", "]", ".", "join", "(", "'  '", ")"),
)  # fmt: skip
BETWEEN = ("", " ", "  ", "/* ' */", " /* ` */ ", "/*/ // */", " ")


@pytest.mark.parametrize("seed", range(5))
def test_a_script_without_its_comments_and_spaces_does_the_same(seed: int) -> None:
    chosen = random.Random(seed)
    script = "const found = [];\n"
    for _ in range(300):
        pieces = chosen.choice(VALUES)
        value = pieces[0]
        for before, piece in pairwise(pieces):
            gap = chosen.choice(BETWEEN)
            is_needed = before in ("+", "-", "/") or (before[-1].isalnum() and piece[0].isalnum())
            value += (f" {gap}" if is_needed else gap) + piece
        end = chosen.choice(("", " // it's", "  // `", " /* a\n b */", "\n\n   "))
        script += f"{chosen.choice(('', '  '))}found.push(({value}));{end}\n"
    script += "console.log(JSON.stringify(found));\n"
    stripped = without_comments("x", script)
    assert len(stripped) < len(script)
    assert node(given=stripped) == node(given=script)


def read(name: str) -> str:
    return "" if name == "first" else (STATIC / f"{name}.js").read_text()
