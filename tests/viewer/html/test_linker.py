"""ES modules become classic scripts, and anything that cannot is refused with the place where it stands."""

from __future__ import annotations

import re

import pytest

from runlog_viewer.html.linker import FIRST, Entries, LinkError, link, read_module, without_comments


def stripped(source: str) -> str:
    return without_comments("core/x", source)


@pytest.mark.parametrize(
    ("source", "left"),
    [
        ("a(); // one\n\n  // two\n    b();\n", "a();\nb();"),
        ("a(/* b */ c);", "a(c);"),
        ("return/**/a;", "return a;"),
        ("a\n/* two\nlines */\nb", "a\nb"),
        ("a /* a new\nline */ b", "a\nb"),
        ("'// no' + \"/* no */\" + '\\'//'", "'// no'+\"/* no */\"+'\\'//'"),
        ("`// no ${a /* yes */ + `/* ${b}`} \n  // no`", "`// no ${a+`/* ${b}`} \n  // no`"),
        ("`\\`// ${'}'} \\${`; // yes", "`\\`// ${'}'} \\${`;"),
        ("`${ {a: {b}}.a } // no`", "`${{a:{b}}.a} // no`"),
        ("x = /[/*]\\/\\/'/g; // yes", "x= /[/*]\\/\\/'/g;"),
        ("if (a) /'/.test(b); // yes", "if(a) /'/.test(b);"),
        ("(a) / 2; // it's", "(a) / 2;"),
        ("a[0] / b / 'c'", "a[0] / b / 'c'"),
        ("return /'/; // yes", "return /'/;"),
        ("a.return / 2 / b // it's", "a.return / 2 / b"),
        ("1.5 / 2 // it's", "1.5 / 2"),
        ("a + +b - -c - --d", "a+ +b- -c- --d"),
        ("a < !--b && c-- > d", "a < !--b&&c-->d"),
        ("const a = typeof b in c", "const a=typeof b in c"),
        ("a\n++b", "a\n++b"),
        ("f({\n  a,\n  b: [\n    1,\n  ],\n});\ng();", "f({a,b:[1,],});\ng();"),
        ("if (a) {\n  b();\n  c = `{\n}`;\n}\nd", "if(a){b();\nc=`{\n}`;}\nd"),
    ],
)
def test_comments_and_indentation_go_and_what_only_looks_like_them_stays(source: str, left: str) -> None:
    assert stripped(source) == left


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("a;\nb = 'c\n';", r"core/x\.js, line 2: strings, templates.*must end.*got .*'c"),
        ("a = `b ${c", "line 1: a template must end, but got 'the end of the file'"),
        ("/* a", "line 1: strings, templates, comments"),
        ("a = `b\n${c}", "line 2: strings, templates"),
        ("a = `b ${c} \n", "line 1: strings, templates"),
        ("function a() {}\n/b/.test(c)", "no slash may follow a }"),
        ("a++ / 2", "no slash may follow"),
        ("import a from './b.js';", "line 1: imports must stand at the top"),
        ("import './b.js';", "imports must stand at the top"),
        ("a();\nimport {b} from './b.js';", "line 2: imports must stand at the top"),
        ("import {b} from 'b';", "imports must stand at the top"),
        ("import {b} from './b';", "by the name of its file"),
        ("import {} from './b.js';", "imports nothing"),
        ("import * as c from './b_d.js';", "must call ./b_d.js bD, but calls it c"),
        ("export let a = 1;", "line 1: exports must be .* but got 'export let a"),
        ("export default a;", "exports must be"),
        ("export {a};", "exports must be"),
        ("export * from './b.js';", "exports must be"),
        ("export const {a} = b;", "exports must be"),
        ("export const a = 1;\nexport const a = 2;", "line 2: exports must be"),
        ("a(import('./b.js'));", "import and export must begin a line"),
        ("a = import.meta.url;", "import and export must begin a line"),
    ],
)
def test_what_cannot_be_linked_is_refused_with_its_place(source: str, words: str) -> None:
    with pytest.raises(LinkError, match=words):
        read_module("core/x", source)


def test_imports_and_exports_are_read() -> None:
    module = read_module(
        "pages/step/x_y",
        "import * as aB from '../../core/a_b.js';\nimport {\n  c,\n  d as e, // why\n} from './f.js';\n"
        "export async function g() {}\nexport function* h() {}\nexport const i = 1;\nexport class J {}\n",
    )
    assert [(one.module, one.names) for one in module.imports] == [
        ("core/a_b", ()),
        ("pages/step/f", (("c", "c"), ("d", "e"))),
    ]
    assert module.exports == ("g", "h", "i", "J")
    assert module.constant == "xY"


MODULES = {
    "first": "import {a} from './a.js';\na();\n",
    "a": "export const a = () => {};\n",
    "one": "import * as both from './both.js';\nboth.b();\n",
    "two": "import {b as c} from './both.js';\nimport * as own from './own.js';\nown.d(c);\n",
    "both": "import {a} from './a.js';\nexport function b() { a(); }\n",
    "own": "export const d = (e) => e();\n",
}


def test_each_module_is_in_one_file_after_what_it_imports() -> None:
    linked = link({"p": Entries("first", "one"), "q": Entries("first", "two")}, MODULES.__getitem__)
    assert linked.of_page == {"p": ("common.js", "p.js"), "q": ("common.js", "q.js")}
    written = {name: re.findall(r"^const (\w+)=modules", text, re.M) for name, text in linked.files.items()}
    assert written == {FIRST: ["a"], "common.js": ["both"], "p.js": [], "q.js": ["own"]}
    assert "const{b:c}=modules.both;" in linked.files["q.js"]
    assert "const{both}=modules;" in linked.files["p.js"]


def test_a_script_for_later_brings_what_none_of_its_pages_has_and_the_rest_all_of_them_have() -> None:
    modules = MODULES | {
        "room/later": "import {d} from '../own.js';\nimport {e} from '../more.js';\nd(e);\n",
        "more": "import {b} from './both.js';\nexport const e = b;\n",
    }
    entries = {
        "p": Entries("first", "one", ("room/later",)),
        "q": Entries("first", "two", ("room/later",)),
        "r": Entries("first", "both"),
    }
    linked = link(entries, modules.__getitem__)
    written = {name: re.findall(r"^const (\w+)=modules", text, re.M) for name, text in linked.files.items()}
    assert written["room.js"] == ["more"]
    assert written["p-q.js"] == ["own"]
    assert linked.of_page["p"] == ("common.js", "p-q.js", "p.js")
    assert linked.of_page["r"] == ("common.js",)


def test_what_two_scripts_for_later_want_the_page_has_at_once() -> None:
    modules = MODULES | {
        "room/later": "import {e} from '../more.js';\ne();\n",
        "other/later_too": "import {e} from '../more.js';\ne();\n",
        "more": "import {b} from './both.js';\nexport const e = b;\n",
    }
    of_two = Entries("first", "one", ("room/later", "other/later_too"))
    linked = link({"p": of_two, "q": Entries("first", "two")}, modules.__getitem__)
    written = {name: re.findall(r"^const (\w+)=modules", text, re.M) for name, text in linked.files.items()}
    assert written["room.js"] == written["other.js"] == []
    assert (written["common.js"], written["p.js"]) == (["both"], ["more"])


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"both": "import {b} from './own.js';\n"}, "both.js imports b, which own.js does not export"),
        ({"both": "import {b} from './gone.js';\n"}, "both imports gone.js, which does not exist"),
        ({"own": "import {b} from './two.js';\nexport const d = b;\n"}, "two → own → two"),
        ({"one": "import {x} from './z/own.js';\n", "z/own": "export const x = 1;\n"}, "names of their own"),
    ],
)
def test_modules_that_do_not_go_together_are_refused(changed: dict[str, str], words: str) -> None:
    modules = MODULES | changed

    def read(name: str) -> str:
        if name not in modules:
            raise FileNotFoundError(name)
        return modules[name]

    with pytest.raises(LinkError, match=words):
        link({"p": Entries("first", "one"), "q": Entries("first", "two")}, read)
