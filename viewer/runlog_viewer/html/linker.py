"""ES modules → classic scripts, as pages on ``file://`` run no modules.

A page has an entry: a module that begins everything, with what that imports. The modules of all pages of a
site are put into files so that each is in one of them: those of one page, those of several together. A module
becomes a function that is called once, in the order of imports, and what it gives a constant by the name of
its file; other names stay as they are written. Comments, indentation, and spaces and ends of lines that say
nothing go.

What modules may contain is a small part of the language, and anything else is a `LinkError`: they import at
their top, by ``import {a, b as c} from './x_y.js';`` or ``import * as xY from './x_y.js';``; they export by
``export function``, ``export const`` or ``export class``, nothing that is assigned again; no two have the
same name, and none imports one that leads back to it.
"""

from __future__ import annotations

import posixpath
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache

from runlog_viewer.html.shared_files import shared_files

FIRST = "first.js"
_STRICT = "'use strict';\n"  # as modules are
_CODE, _CODE_IN_TEMPLATE = re.compile(r"[^'\"`/]+"), re.compile(r"[^'\"`/{}]+")
_COMMENT = re.compile(r"//[^\n]*|/\*[\s\S]*?\*/")
_STRING = re.compile(r"""'(?:[^'\\\n]|\\[\s\S])*'|"(?:[^"\\\n]|\\[\s\S])*\"""")
_TEMPLATE = re.compile(r"[`}](?:[^`\\$]|\\[\s\S]|\$(?!\{))*(?P<end>`|\$\{)")
_REGEX = re.compile(r"/(?:[^/\\\[\n]|\\[^\n]|\[(?:[^\]\\\n]|\\[^\n])*\])+/\w*")
# A slash after one of these words, or behind the parenthesis after one of those, begins a regular expression.
_BEFORE_VALUE = re.compile(
    r"(?<![\w$.])(?:await|case|delete|do|else|in|instanceof|new|of|return|throw|typeof|void|yield)$"
)
_LONGEST_WORD = len(" instanceof")
_BEFORE_STATEMENT = re.compile(r"(?<![\w$.])(?:for|if|while|with)\s*$")
# A space next to a sign says nothing, but between two signs that would be another one: + +, / /, < !--.
# Each way begins with the space, which is searched for at once.
_SIGN, _PLUS = r"(){}\[\],;:?=>!&|*%^~", r"+\-"
_IDLE_SPACE = re.compile(
    rf" (?:(?<![/<] )(?=[{_SIGN}])|(?<=[{_SIGN}] )(?![/<])"
    rf"|(?<![/<{_PLUS}] )(?=[{_PLUS}])|(?<=[{_PLUS}] )(?![/<{_PLUS}]))"
)
_IMPORT = re.compile(r"import ?(?:\*as (?P<all>[\w$]+) |\{(?P<names>[\w$\s,]*)\})from '(?P<path>\.[^']*)';")
_EXPORT = re.compile(r"export (?P<rest>(?:(?:async )?function ?\*?|const |class )(?P<name>[\w$]+)[\s\S]*)")
_IS_IMPORT, _IS_EXPORT = (re.compile(rf"{word}(?![\w$])") for word in ("import", "export"))
_IS_EITHER = re.compile(r"(?<![\w$.])(?:import|export)(?![\w$])")


class LinkError(ValueError):
    """A module that is not written as it has to be; says where and what."""


@dataclass(frozen=True)
class Import:
    """What a module takes from another one: some names, each with what it is called here, or else all."""

    module: str
    names: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Module:
    """A module, read: its name is its path without the suffix."""

    name: str
    imports: tuple[Import, ...]
    exports: tuple[str, ...]
    body: str

    @property
    def constant(self) -> str:
        """What the module is called in scripts: ``xY`` for ``…/x_y.js``."""
        return _constant(self.name)


@dataclass(frozen=True)
class Entries:
    """The modules that a page begins with: before it is painted, once it stands, and when it wants more."""

    first: str
    page: str
    later: tuple[str, ...] = ()


@dataclass(frozen=True)
class Linked:
    """The scripts of a site by file name; and those that each page runs after `FIRST`, in order.

    A script for later has the name of the room of its entry.
    """

    files: Mapping[str, str]
    of_page: Mapping[str, tuple[str, ...]]


def link(pages: Mapping[str, Entries], read: Callable[[str], str]) -> Linked:
    """Return the scripts of the pages of one site.

    Parameters
    ----------
    pages
        The entries of each page; all have the same `first`.
    read
        Gives the source of a module by its name, or raises `FileNotFoundError`.

    Raises
    ------
    LinkError
        If a module is not written as it has to be.
    """
    graph = _Graph(read)
    (first,) = {entries.first for entries in pages.values()}
    at_first = graph.closure(first)
    needed = {
        page: [name for name in graph.closure(entries.page) if name not in at_first]
        for page, entries in pages.items()
    }
    names = list(dict.fromkeys(name for of_page in needed.values() for name in of_page))
    scripts = {}
    later = {
        entry: [name for name in graph.closure(entry) if name not in at_first]
        for entry in dict.fromkeys(entry for entries in pages.values() for entry in entries.later)
    }
    # What several scripts for later want stands in none of them.
    wishes = Counter(name for wanted in later.values() for name in wanted)
    names += [name for name, count in wishes.items() if count > 1 and name not in names]
    for entry, wanted in later.items():
        scripts[f"{posixpath.dirname(entry)}.js"] = [name for name in wanted if name not in names]
        # What one of its pages has at once, a script for later does not bring: all of its pages have it.
        for page in (page for page, entries in pages.items() if entry in entries.later):
            needed[page] += [name for name in wanted if name in names and name not in needed[page]]
    users = {name: tuple(page for page in pages if name in needed[page]) for name in names}
    # What a module imports is used by all pages that use it: files of more pages come first.
    shared = {f"{file.stem}.js": file for file in shared_files(users, len(pages))}
    files = {FIRST: f"{_STRICT}const modules={{}};\n{graph.script(at_first)}"}
    files.update((name, _STRICT + graph.script(file.names)) for name, file in shared.items())
    files.update((name, _STRICT + graph.script(own)) for name, own in scripts.items())
    return Linked(
        files, {page: tuple(name for name, file in shared.items() if page in file.pages) for page in pages}
    )


class _Graph:
    """The modules that are reached from entries."""

    def __init__(self, read: Callable[[str], str]) -> None:
        self._read = read
        self._modules: dict[str, Module] = {}  # each after what it imports
        self._constants: dict[str, str] = {}

    def closure(self, entry: str) -> list[str]:
        """Return a module and all that it leads to, each after what it imports."""
        self._load(entry, ())
        found = {entry}
        for name in reversed(self._modules):
            if name in found:
                found |= {one.module for one in self._modules[name].imports}
        return [name for name in self._modules if name in found]

    def script(self, names: Iterable[str]) -> str:
        """Return a script of modules."""
        wanted = set(names)
        own = [module for name, module in self._modules.items() if name in wanted]
        whole = {one.module for module in own for one in module.imports if not one.names} - wanted
        elsewhere = [module.constant for name, module in self._modules.items() if name in whole]
        begin = f"const{{{','.join(elsewhere)}}}=modules;\n" if elsewhere else ""
        return f"{{\n{begin}{''.join(map(_written, own))}}}\n"

    def _load(self, name: str, path: tuple[str, ...]) -> None:
        if name in path:
            circle = " → ".join((*path, name))
            raise LinkError(f"modules must not import one another in a circle, but {circle}")
        if name in self._modules:
            return
        by = path[-1] if path else "a page"
        try:
            module = read_module(name, self._read(name))
        except FileNotFoundError as error:
            raise LinkError(f"{by} imports {name}.js, which does not exist") from error
        if module.exports and (other := self._constants.setdefault(module.constant, name)) != name:
            raise LinkError(f"modules must have names of their own, but got {name}.js and {other}.js")
        for one in module.imports:
            self._load(one.module, (*path, name))
            if missing := {given for given, _ in one.names} - set(self._modules[one.module].exports):
                words = ", ".join(sorted(missing))
                raise LinkError(f"{name}.js imports {words}, which {one.module}.js does not export")
        self._modules[name] = module


def _written(module: Module) -> str:
    taken = [
        f"const{{{_names(one)}}}=modules.{_constant(one.module)};" for one in module.imports if one.names
    ]
    target = f"const {module.constant}=modules.{module.constant}=" if module.exports else ""
    given = f"return{{{','.join(module.exports)}}}" if module.exports else ""
    return "\n".join([f"{target}(()=>{{", *taken, module.body, f"{given}}})();"]) + "\n"


def _names(one: Import) -> str:
    return ",".join(given if given == here else f"{given}:{here}" for given, here in one.names)


def _constant(name: str) -> str:
    return re.sub(r"_(\w)", lambda match: match[1].upper(), posixpath.basename(name))


@cache  # the pages of a run and that of all runs have most of their modules in common
def read_module(name: str, source: str) -> Module:
    """Return a module.

    Raises
    ------
    LinkError
        If it is not written as it has to be.
    """
    imports: list[Import] = []
    exports: list[str] = []
    body: list[str] = []
    for number, statement in _statements(name, source):
        if _IS_IMPORT.match(statement):
            match = _IMPORT.fullmatch(statement)
            if not match or body:
                raise LinkError(_at(name, number, "imports must stand at the top and be plain", statement))
            imports.append(_import(name, match))
        elif _IS_EXPORT.match(statement):
            match = _EXPORT.fullmatch(statement)
            if not match or match["name"] in exports:
                what = "exports must be functions, constants or classes, each once"
                raise LinkError(_at(name, number, what, statement))
            exports.append(match["name"])
            body.append(match["rest"])
        else:
            body.append(statement)
    return Module(name, tuple(imports), tuple(exports), _joined(body))


def without_comments(name: str, source: str) -> str:
    """Return a script without its comments, its indentation, and spaces and ends of lines that say nothing.

    Raises
    ------
    LinkError
        If it cannot be read, or uses modules in a way that cannot be linked.
    """
    return _joined(line for _, line in _lines(name, source))


def _joined(lines: Iterable[str]) -> str:
    """Return lines as a script; none ends after an opening bracket or a comma, or before a closing one."""
    parts: list[str] = []
    for line in lines:  # each ends in code: what stands in a template is within one
        is_idle = not parts or parts[-1].endswith(("{", "(", "[", ",")) or line.startswith(("}", ")", "]"))
        parts.append(line if is_idle else f"\n{line}")
    return "".join(parts)


def _import(name: str, match: re.Match[str]) -> Import:
    path = match["path"]
    if not path.endswith(".js"):
        raise LinkError(f"{name}.js must import {path} by the name of its file")
    module = posixpath.normpath(posixpath.join(posixpath.dirname(name), path)).removesuffix(".js")
    words = [word.strip().split(" as ") for word in (match["names"] or "").split(",") if word.strip()]
    if match["all"] not in (None, _constant(module)):
        raise LinkError(f"{name}.js must call {path} {_constant(module)}, but calls it {match['all']}")
    if not words and not match["all"]:
        raise LinkError(f"{name}.js imports nothing from {path}")
    return Import(module, tuple((word[0], word[-1]) for word in words))


def _statements(name: str, source: str) -> Iterator[tuple[int, str]]:
    """Give the lines, an import that goes over several as one."""
    begun = ""
    at = 0
    for number, line in _lines(name, source):
        if not begun and not _IS_IMPORT.match(line):
            yield number, line
            continue
        at = at if begun else number
        begun += line
        if begun.endswith(";"):
            yield at, begun
            begun = ""
    if begun:
        yield at, begun


def _lines(name: str, source: str) -> Iterator[tuple[int, str]]:
    """Give the lines that are left, numbered; a line that goes on within a template counts as one."""
    line = ""
    number = started = 1
    for is_code, text in _without_idle_spaces(_pieces(name, source)):
        parts = text.split("\n") if is_code else [text]
        for place, part in enumerate(parts):
            if place and line:
                yield started, line
                line = ""
            number += place > 0
            if is_code and (found := _IS_EITHER.search(part)) and (line or found.start()):
                raise LinkError(_at(name, number, "import and export must begin a line", line + part))
            started = started if line else number
            line += part
        number += 0 if is_code else text.count("\n")
    if line:
        yield started, line


def _without_idle_spaces(pieces: Iterable[tuple[bool, str]]) -> Iterator[tuple[bool, str]]:
    """Leave out of code what spaces say nothing, and give all of it between two other pieces as one."""
    all_pieces = list(pieces)
    others = [text for is_code, text in all_pieces if not is_code]
    # All code at once is some times faster than each piece: of another one, its two ends stand for it.
    marked = "".join(text if is_code else f"{text[0]}\0{text[-1]}" for is_code, text in all_pieces)
    blank = re.sub(r"[^\S\n]+", " ", f"\n{marked}\n").replace(" \n", "\n").replace("\n ", "\n")
    codes = re.split(".\0.", _IDLE_SPACE.sub("", blank)[1:-1])
    for code, other in zip(codes, others, strict=False):
        yield True, code
        yield False, other
    yield True, codes[-1]


def _pieces(name: str, source: str) -> Iterator[tuple[bool, str]]:
    """Give the pieces of a script, each with whether it is code: no string, template or regular expression.

    Of a comment, the lines that it takes are left.
    """
    at = 0
    code = ""  # up to here, with empty strings for what is no code
    templates: list[int] = []  # for each that is open, how many braces are open within its ${}
    while at < len(source):
        sign = source[at]
        match: re.Match[str] | None = None
        if comment := _COMMENT.match(source, at):
            text = "\n" * comment[0].count("\n") or " "
            at = comment.end()
            code += text
            yield True, text
            continue
        if sign in "'\"":
            match = _STRING.match(source, at)
        elif sign == "`" or (sign == "}" and templates and templates[-1] == 0):
            match = _TEMPLATE.match(source, at)
            templates = templates[:-1] if sign == "}" else templates
            templates += [0] if match and match["end"] == "${" else []
        elif sign == "/" and _is_value_next(name, source, at, code):
            match = _REGEX.match(source, at)
        else:
            run = (_CODE_IN_TEMPLATE if templates else _CODE).match(source, at)
            text = run[0] if run else sign
            if templates and text in ("{", "}"):
                templates[-1] += 1 if text == "{" else -1
            at += len(text)
            code += text
            yield True, text
            continue
        if not match:
            what = "strings, templates, comments and regular expressions must end"
            raise LinkError(_at(name, _line_of(source, at), what, source[at:]))
        at = match.end()
        code += "''" if match[0][-1] != "{" else "("
        yield False, match[0]
    if templates:
        raise LinkError(_at(name, _line_of(source, at), "a template must end", "the end of the file"))


def _is_value_next(name: str, source: str, at: int, code: str) -> bool:
    """Return whether a slash behind some code begins a regular expression; else it divides."""
    code = code.rstrip()
    if source.startswith("/*", at):
        return True
    if code.endswith(("}", "++", "--")):
        raise LinkError(_at(name, _line_of(source, at), "no slash may follow a }, ++ or --", source[at:]))
    if code.endswith(")"):
        return bool(_BEFORE_STATEMENT.search(_before_parenthesis(code)))
    return bool(_BEFORE_VALUE.search(code[-_LONGEST_WORD:])) or not re.search(r"[\w$.\])']$", code[-1:])


def _before_parenthesis(code: str) -> str:
    """Return the end of what stands before the parenthesis that the last one closes."""
    depth = 0
    for place in range(len(code) - 1, -1, -1):
        depth += {")": 1, "(": -1}.get(code[place], 0)
        if depth == 0:
            return code[:place].rstrip()[-_LONGEST_WORD:]
    return ""


def _line_of(source: str, at: int) -> int:
    return source.count("\n", 0, at) + 1


def _at(name: str, number: int, what: str, got: str) -> str:
    return f"{name}.js, line {number}: {what}, but got {got.strip()[:80]!r}"
