"""BagIt 1.0 (RFC 8493): the text files that make a folder prove its own integrity."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from html import escape
from urllib.parse import quote

from runlog.basics.environment import runlog_version
from runlog.errors import InvalidValueError, shown
from runlog.storage.layout import BAG_DECLARATION, is_inside

FRONT_PAGE = "index.html"
INFO = "bag-info.txt"
MANIFEST = "manifest-sha256.txt"
TAG_MANIFEST = "tagmanifest-sha256.txt"

DECLARED = "BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n"
_MANIFEST_LINE = re.compile(r"([0-9a-f]{64})  (\S.*)")
_OXUM = re.compile(r"^Payload-Oxum: (\d+)\.(\d+)$", re.MULTILINE)
_FRONT_PAGE = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta http-equiv="refresh" content="0; url={link}">
<title>{title}</title>
<p><a href="{link}">{title}</a></p>
<p>This folder is a BagIt bag. To verify it: <code>runlog verify FOLDER</code> or, in it,
<code>sha256sum --check --quiet tagmanifest-sha256.txt manifest-sha256.txt</code>.</p>
</html>
"""


def tag_files(run_ids: Sequence[str], front: str, files: int, size: int) -> dict[str, str]:
    """Return the text of each tag file but the manifests, by name.

    Parameters
    ----------
    run_ids
        The runs in the payload.
    front
        The page of the payload that a reader should see first, relative to the bag.
    files, size
        Number of the payload's files, and of their bytes.
    """
    lines = [
        f"Bag-Software-Agent: runlog {runlog_version() or ''}".rstrip(),
        *(f"External-Identifier: {run_id}" for run_id in run_ids),
        f"Payload-Oxum: {size}.{files}",
    ]
    title = run_ids[0] if len(run_ids) == 1 else f"{len(run_ids)} runs"
    return {
        BAG_DECLARATION: DECLARED,
        INFO: "".join(f"{line}\n" for line in lines),
        FRONT_PAGE: _FRONT_PAGE.format(link=escape(quote(front)), title=escape(title)),
    }


def manifest(digests: Mapping[str, str]) -> str:
    """Return the text of a manifest: sha256 by path, relative to the bag."""
    return "".join(f"{digests[path]}  {_encoded(path)}\n" for path in sorted(digests))


def read_manifest(text: str, name: str) -> dict[str, str]:
    """Return the sha256 by path that a manifest names.

    Raises
    ------
    InvalidValueError
        Naming the first line that is not as a manifest has it.
    """
    digests: dict[str, str] = {}
    lines = text.split("\n")
    if lines.pop() != "":
        raise InvalidValueError(f"{name} must end with a line break")
    for number, line in enumerate(lines, start=1):
        match = _MANIFEST_LINE.fullmatch(line)
        path = _decoded(match[2]) if match else ""
        if match is None or not is_inside(path) or path in digests:
            raise InvalidValueError(
                f"line {number} of {name} must be a sha256, two spaces and the path of a file in the bag "
                f"that no other line names, but is {shown(line, 120)}"
            )
        digests[path] = match[1]
    return digests


def read_oxum(text: str) -> tuple[int, int] | None:
    """Return the number of bytes and of files that the payload should have, as ``bag-info.txt`` says."""
    found = _OXUM.search(text)
    return (int(found[1]), int(found[2])) if found else None


def _encoded(path: str) -> str:
    return path.replace("%", "%25").replace("\n", "%0A").replace("\r", "%0D")


def _decoded(path: str) -> str:
    return re.sub("%(0[aAdD]|25)", lambda found: chr(int(found[1], 16)), path)
