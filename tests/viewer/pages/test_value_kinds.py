"""Every kind of logged value that is a row has its line for pages, and its template."""

from __future__ import annotations

import pytest

import runlog
from runlog_viewer.html import render, scripts
from runlog_viewer.pages.gallery import gallery
from runlog_viewer.pages.value_kinds import VALUE_KINDS, ValueKind

EVERY_KIND = pytest.mark.parametrize("kind", VALUE_KINDS, ids=lambda kind: kind.name)


def test_pages_show_every_kind_that_a_run_folder_holds() -> None:
    assert {kind.name for kind in VALUE_KINDS} == {kind.name for kind in runlog.ROW_KINDS}


@EVERY_KIND
def test_a_kind_has_its_template_and_its_style_sheets(kind: ValueKind) -> None:
    assert (render.PACKAGE / "html/templates" / kind.template).is_file()
    assert set(kind.styles.split()) <= {path.stem for path in scripts.STATIC.rglob("*.css")}


def test_a_step_without_any_of_them_says_so() -> None:
    empty = gallery(0, [], "")
    assert empty.rows == {kind.name: () for kind in VALUE_KINDS}
    assert "Nothing but numbers at this step" in render.gallery(empty)
