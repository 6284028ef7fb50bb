"""What a `Table` takes: rows of cells, in lists, dicts and frames; each error names row and column."""

from __future__ import annotations

import copy
import datetime
import math
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas
import pytest
from PIL import Image as PILImage

import runlog
from runlog.storage.kinds import HISTOGRAM, TABLE, TEXT
from runlog.values.table import as_table
from runlog.writing.log_data import read_values

PICTURE = runlog.Image(np.zeros((2, 3), np.uint8))


def cells(*given: object) -> tuple[object, ...]:
    """Return cells as a table keeps them."""
    table = runlog.Table([f"c{place}" for place in range(len(given))])
    table.add_row(*given)
    return table.rows_since(0)[0]


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        (True, True),
        (np.bool_(False), False),
        (3, 3),
        (np.int16(-3), -3),
        (2**70, 2**70),
        (np.float32(0.5), 0.5),
        (np.array(2.5), 2.5),
        (math.inf, math.inf),
        ("a\ud800", "a\\ud800"),
        (np.str_("word"), "word"),
        (None, None),
        (pandas.NA, None),
        (pandas.NaT, None),
        (np.datetime64("NaT"), None),
        (np.datetime64("2026-11-29T10:00:00.000000001"), "2026-11-29T10:00:00.000000001"),
        (pandas.Timestamp("2026-11-29 10:00"), "2026-11-29T10:00:00"),
        (datetime.date(2026, 11, 29), "2026-11-29"),
        (Path("a/b"), "a/b"),
        ([1, 2.5, True], (1, 2.5, True)),
        ((), ()),
        (np.array([1, 2]), (1, 2)),
        (np.array([0.5], np.float32), 0.5),
        (range(3), (0, 1, 2)),
    ],
    ids=repr,
)
def test_a_cell_is_kept_as_what_it_is(given: object, kept: object) -> None:
    (cell,) = cells(given)
    assert cell == kept
    assert type(cell) is type(kept)
    if isinstance(kept, tuple):
        assert list(map(type, cell)) == list(map(type, kept))


def test_a_list_of_one_number_is_a_list_and_an_array_of_one_a_number_as_everywhere() -> None:
    assert cells([7], np.array([7])) == ((7,), 7)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (1j, "a number, a bool, a string, None, an Image or a list of numbers, but got complex"),
        (b"x", "list of numbers, but got bytes"),
        ({"a": 1}, "list of numbers, but got dict"),
        (["a"], "list of numbers, but got list"),
        ([[1]], "list of numbers, but got list"),
        (np.zeros((2, 2)), "wrap a picture in Image"),
        (PILImage.new("L", (2, 2)), "wrap a picture in Image"),
        (10**308, "at most 308 digits"),
    ],
    ids=lambda value: value if isinstance(value, str) else type(value).__name__,
)
def test_what_is_no_cell_is_refused_with_row_and_column(given: object, said: str) -> None:
    table = runlog.Table(["a", "b c"], [[1, 2]])
    with pytest.raises((runlog.InvalidTypeError, runlog.InvalidValueError), match=said) as refused:
        table.add_row(1, given)
    assert "row 1, column 'b c'" in str(refused.value)
    assert len(table) == 1


def test_a_row_has_a_cell_for_each_column() -> None:
    table = runlog.Table(["a", "b"])
    with pytest.raises(runlog.InvalidValueError, match=r"row 0 must have 2 cells, .* but has 1"):
        table.add_data(1)
    table.append([1, None])
    table.append({"b": "x"})
    with pytest.raises(runlog.InvalidValueError, match=r"row 2 must have none but the columns .*'c'"):
        table.append({"c": 1})
    with pytest.raises(runlog.InvalidTypeError, match="row 2 must be a list of cells"):
        table.append("ab")
    assert table.rows_since(0) == ((1, None), (None, "x"))


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({}, "must have columns, or data that names them"),
        ({"data": [[1]]}, "must have columns, or data that names them"),
        ({"columns": "ab"}, "columns must be a list of names"),
        ({"columns": ["a", "b", "a"]}, "'a' stands twice"),
        ({"columns": [1.5]}, "a string or an integer"),
        ({"columns": map(str, range(1001))}, "at most 1,000 columns"),
        ({"columns": ["a"], "data": 5}, "data must be a list of rows"),
        ({"columns": ["a"], "dataframe": [[1]]}, "must be a pandas or polars frame, but got list"),
        ({"data": [{"a": 1}], "dataframe": pandas.DataFrame()}, "data or dataframe, but got both"),
        (
            {"columns": ["z"], "dataframe": pandas.DataFrame({"a": [1]})},
            r"columns must be of the frame, .*'z'",
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_table_that_cannot_be_is_refused(arguments: dict[str, object], said: str) -> None:
    with pytest.raises((runlog.InvalidTypeError, runlog.InvalidValueError), match=said):
        runlog.Table(**arguments)  # type: ignore[arg-type]


def test_dicts_name_the_columns_in_the_order_they_come() -> None:
    table = as_table([{"b": 1, "a": "x"}, {"c": None, "b": 2}])
    assert table is not None
    assert table.columns == ("b", "a", "c")
    assert table.rows_since(0) == ((1, "x", None), (2, None, None))
    assert as_table([{"a": 1}, 2]) is None
    assert as_table([]) is None


def test_a_pandas_frame_is_taken_with_the_types_of_its_columns() -> None:
    frame = pandas.DataFrame(
        {"n": [1, 2], 5: [0.5, math.nan], "w": ["x", None], "b": [True, False], "m": pandas.array([1, None])}
    )
    table = as_table(frame)
    assert table is not None
    assert table.columns == ("n", "5", "w", "b", "m")
    (first, second) = table.rows_since(0)
    assert first == (1, 0.5, "x", True, 1)
    assert second[0] == 2
    assert math.isnan(second[1])  # type: ignore[arg-type]
    assert second[2:] == (None, False, None)
    only = runlog.Table(["w", "n"], dataframe=frame)
    assert only.rows_since(0) == (("x", 1), (None, 2))


SCORES = pandas.DataFrame({"class": ["cat", "dog", "cat"], "iou": [0.5, 0.25, 1.0], "n": [1, 2, 3]})
TIMES = pandas.to_datetime(["2026-11-29", None])
PAIRS = pandas.MultiIndex.from_tuples([("a", 1), ("b", 2)])
BINS = pandas.IntervalIndex.from_breaks([0, 1, 2])


@pytest.mark.parametrize(
    ("frame", "columns", "first"),
    [
        (SCORES.groupby("class").mean(), ("class", "iou", "n"), ("cat", 0.75, 2.0)),
        (SCORES.groupby(["class", "n"]).max(), ("class", "n", "iou"), ("cat", 1, 0.5)),
        (SCORES[["iou"]].describe(), ("index", "iou"), ("count", 3.0)),
        (SCORES.pivot_table(index="class", columns="n", values="iou"), ("class", "1", "2", "3"), None),
        (SCORES[SCORES["n"] > 1], ("index", "class", "iou", "n"), (1, "dog", 0.25, 2)),
        (pandas.DataFrame({"x": [1, 2]}, TIMES), ("index", "x"), ("2026-11-29T00:00:00", 1)),
        (pandas.DataFrame({"x": [1, 2]}, PAIRS), ("level_0", "level_1", "x"), ("a", 1, 1)),
        (pandas.DataFrame({"x": [1, 2]}, PAIRS.set_names(["x", "x"])), None, ("a", 1, 1)),
        (pandas.DataFrame({"x": [1, 2]}, PAIRS.set_names([1, 0])), ("1", "0", "x"), ("a", 1, 1)),
        (pandas.DataFrame({"index": [1, 2]}, ["a", "b"]), ("index (index)", "index"), ("a", 1)),
        (pandas.DataFrame({"x": [1, 2]}, BINS), ("index", "x"), ("(0, 1]", 1)),
        (pandas.DataFrame({"x": [1, 2]}, pandas.Index([True, False])), ("index", "x"), (True, 1)),
        (pandas.DataFrame({"x": [1, 2]}, pandas.RangeIndex(2, name="epoch")), ("epoch", "x"), (0, 1)),
        (pandas.DataFrame({"x": [1, 2]}, pandas.RangeIndex(1, 3)), ("index", "x"), (1, 1)),
        (pandas.DataFrame({"x": [1, 2]}, [0, 1]), ("x",), (1,)),
        (pandas.DataFrame({"x": []}, []), ("x",), None),
    ],
    ids=str,
)
def test_an_index_that_names_the_rows_is_the_first_columns(
    frame: pandas.DataFrame, columns: tuple[str, ...] | None, first: tuple[object, ...] | None
) -> None:
    table = as_table(frame)
    assert table is not None
    assert table.columns == (columns or ("x (index)", "x (index) (index)", "x"))
    assert len(table) == len(frame)
    assert first is None or table.rows_since(0)[0] == first
    assert runlog.Table(dataframe=frame).columns == table.columns


def test_what_an_index_lacks_is_none_and_columns_choose_of_it_too() -> None:
    assert runlog.Table(dataframe=pandas.DataFrame({"x": [1, 2]}, TIMES)).rows_since(1) == ((None, 2),)
    missing = pandas.DataFrame({"x": [1, 2]}, pandas.Index(["a", math.nan], name="k"))
    assert runlog.Table(["x", "k"], dataframe=missing).rows_since(0) == ((1, "a"), (2, None))
    assert runlog.Table(["x"], dataframe=missing).columns == ("x",)


@pytest.mark.parametrize(
    ("series", "columns", "first"),
    [
        (SCORES["class"].value_counts(), ("class", "count"), ("cat", 2)),
        (pandas.Series([7, 7, 9]).value_counts(), ("index", "count"), (7, 2)),
        (SCORES.groupby("class")["iou"].mean(), ("class", "iou"), ("cat", 0.75)),
        (SCORES.groupby("class")["iou"].mean()[:1], ("class", "iou"), ("cat", 0.75)),
        (SCORES.groupby(["class", "n"]).size(), ("class", "n", "value"), ("cat", 1, 1)),
        (SCORES.loc[0], ("index", "0"), ("class", "cat")),
        (pandas.Series([1.5, 2.5], TIMES), ("index", "value"), ("2026-11-29T00:00:00", 1.5)),
        (pandas.Series(range(99), [f"c{n}" for n in range(99)]), ("index", "value"), ("c0", 0)),
    ],
    ids=str,
)
def test_a_series_with_labels_is_a_table_of_them(
    series: pandas.Series, columns: tuple[str, ...], first: tuple[object, ...]
) -> None:
    (table,) = read_values({"k": series}).rows[TABLE].values()
    assert table.columns == columns
    assert table.rows_since(0)[0] == first
    assert len(table) == len(series)
    assert runlog.Table(data=series).columns == columns


@pytest.mark.parametrize(
    ("series", "kind"),
    [
        (SCORES["iou"], TEXT),
        (pandas.Series(range(99)), HISTOGRAM),
        (pandas.Series(range(99))[50:], HISTOGRAM),
        (pandas.Series(range(99))[98:], None),
    ],
    ids=["a column", "a long column", "rows of it", "one number"],
)
def test_a_series_whose_index_only_numbers_rows_is_as_an_array(series: pandas.Series, kind: object) -> None:
    values = read_values({"k": series})
    assert list(values.rows) == ([] if kind is None else [kind])


class FrameLikePolars:
    """What is asked of a polars frame."""

    shape = (1, 1)
    columns = ("a",)

    def iter_rows(self) -> object:
        return iter([(7,)])

    def item(self) -> int:
        return 7


def test_a_polars_frame_is_taken_by_its_shape_even_if_it_has_one_cell() -> None:
    table = as_table(FrameLikePolars())
    assert table is not None
    assert table.rows_since(0) == ((7,),)


@pytest.mark.parametrize(
    ("column", "expected"),
    [
        ([None, None], "empty"),
        ([None, True], "bool"),
        ([1, 2.5], "number"),
        (["a", None], "text"),
        ([[1], []], "numbers"),
        ([PICTURE], "image"),
        ([1, "a"], "mixed"),
        ([True, 1], "mixed"),
        (["a", 1, "b"], "mixed"),
    ],
)
def test_a_column_has_the_type_of_its_cells(column: list[object], expected: str) -> None:
    assert runlog.Table(["c"], [[cell] for cell in column]).types == (expected,)


def test_what_is_changed_afterwards_changes_no_cell() -> None:
    numbers, row = [1, 2], ["a", None]
    row[1] = numbers
    table = runlog.Table(["w", "n"], [row])
    numbers.append(3)
    row[0] = "b"
    assert table.rows_since(0) == (("a", (1, 2)),)


@pytest.mark.parametrize("unit", ["D", "us", "ns"])
def test_dates_are_texts_wherever_they_stand_and_never_numbers(unit: str) -> None:
    days = np.array([["2020-01-01"], ["NaT"]], f"M8[{unit}]")
    expected = ((str(days[0, 0]),), (None,))
    assert runlog.Table(["a"], days).rows_since(0) == expected
    assert runlog.Table(["a"], [list(row) for row in days]).rows_since(0) == expected
    with pytest.raises(runlog.InvalidTypeError, match="row 0, column 'a' must be a number"):
        runlog.Table(["a"], [[np.array(["2020", "2021"], f"M8[{unit}]")]])


def test_what_is_masked_is_not_there() -> None:
    assert cells(np.ma.masked, 1) == (None, 1)
    assert runlog.Table(["a"], np.ma.array([[1], [2]], mask=[[True], [False]])).rows_since(0) == (
        (None,),
        (2,),
    )


@pytest.mark.parametrize(
    "cell", [np.longdouble("1e4000"), np.bytes_(b"ab"), bytearray(b"ab"), memoryview(b"ab"), np.void(b"ab")]
)
def test_what_is_no_cell_is_refused_in_words(cell: object) -> None:
    with pytest.raises(runlog.InvalidTypeError, match="row 0, column 'a' must be a number"):
        runlog.Table(["a"], [[cell]])


def test_data_of_more_than_two_axes_and_names_without_end_are_refused() -> None:
    with pytest.raises(runlog.InvalidValueError, match=r"rows and columns, .* of shape \(2, 1, 1\)"):
        runlog.Table(["a"], np.zeros((2, 1, 1)))
    with pytest.raises(runlog.InvalidTypeError, match="an integer of at most"):
        runlog.Table([10**5000])


@pytest.mark.parametrize("again", [copy.copy, copy.deepcopy])
def test_a_copy_has_rows_of_its_own(again: Callable[[runlog.Table], runlog.Table]) -> None:
    table = runlog.Table(["a", "b"], [[1, "x"]])
    copied = again(table)
    copied.add_row("two", PICTURE)
    table.add_row(None, "y")
    assert (table.rows_since(0), table.types) == (((1, "x"), (None, "y")), ("number", "text"))
    assert (copied.rows_since(0)[0], len(copied), copied.types) == ((1, "x"), 2, ("mixed", "mixed"))


def test_a_copy_of_an_incremental_table_lets_go_alone() -> None:
    table = runlog.Table(["a"], [[1], [2]], incremental=True)
    copied = copy.copy(table)
    copied.let_go(2)
    assert (table.rows_since(0), copied.rows_since(2), len(copied)) == (((1,), (2,)), (), 2)
    with pytest.raises(runlog.InvalidValueError, match="its first rows are stored"):
        copied.rows_since(0)
