"""Markdown of logged texts: a few things are set, nothing else becomes HTML, and not a letter is lost."""

from __future__ import annotations

import time
from html.parser import HTMLParser

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from runlog_viewer.html.markdown import LONGEST, to_html, without_marks

ELEMENTS = {
    *("p", "h4", "h5", "h6", "pre", "code", "ul", "ol", "li", "em", "strong", "a", "small", "i"),
    *("table", "thead", "tbody", "tr", "th", "td"),
}


class Read(HTMLParser):
    """What a browser sees in HTML: elements, which must be closed in order, the text, and what shows."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[str] = []
        self.attributes: list[tuple[str, str, str | None]] = []
        self.text = self.seen = ""
        self._open: list[str] = []
        self.feed(str(html))
        self.close()
        assert self._open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append(tag)
        self.attributes += [(tag, *attribute) for attribute in attrs]
        self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data
        if "i" not in self._open:
            self.seen += data

    def unexpected(self, data: str) -> None:
        raise AssertionError(f"nothing but elements and text is expected, not {data!r}")

    handle_comment = handle_decl = handle_pi = unknown_decl = unexpected  # type: ignore[assignment]


PIECES = [
    *("# ", "## ", "- ", "* ", "1. ", "10) ", "  ", "    ", "\n", "\n\n", "*", "**", "***", "`", "``"),
    *(
        "```\n",
        "~~~\n",
        "```python\n",
        "|",
        "| a | b |\n",
        "|---|:-:|\n",
        "--",
        "[x](https://a.b/c)",
        "![",
        "[",
    ),
    *("](http://", ")", "](javascript:alert(1))", "<script>", "</pre>", "<!--", "&lt;", '"', "'", "\\", "a"),
    *("x_y_z", "2*3*4", " ", "é", "字", "\u202e", "\x00", "\r"),
]
HOSTILE = st.lists(st.one_of(st.sampled_from(PIECES), st.text(max_size=3)), max_size=60).map("".join)


@given(HOSTILE)
@example("<img src=x onerror=alert(1)> **b**")
@example('[x](https://a.b/"onmouseover="alert(1)) *e*')
@example("- - - - - - - - - deep")
@example("|a|b|\n|-|-|\n|`|`|\n</td></table>**x**")
def test_there_are_only_the_allowed_elements_and_every_letter_of_the_text(text: str) -> None:
    html = to_html(text)
    if not html:
        return
    read = Read(html)
    assert read.text == text
    assert set(read.elements) <= ELEMENTS
    for element, name, value in read.attributes:
        assert (element, name) in {
            *(("a", "href"), ("a", "target"), ("a", "rel"), ("li", "value"), ("i", "hidden")),
        }
        if name == "href":
            assert value is not None
            assert value.startswith(("http://", "https://"))
            assert f"({value})" in read.seen  # where it leads is said


@given(HOSTILE)
def test_what_is_left_without_marks_is_what_shows(text: str) -> None:
    html = to_html(text)
    if html:
        assert "".join(without_marks(text).split()) == "".join(Read(html).seen.split())
    else:
        assert without_marks(text) == text


@given(st.text(alphabet=st.characters(exclude_characters="#-*.)`~|[")))
def test_a_text_without_any_mark_stands_as_it_was_written(text: str) -> None:
    assert to_html(text) == ""


@pytest.mark.parametrize(
    "text",
    [
        "a plain line\nand another",
        "2*3*4 and a * b * c, a**b and x ** y",
        "__init__ and _private and snake_case_name",
        "# a comment\nimport os",
        "x = 1\n# a comment\n",
        "1.5 and - 3",
        "a | b\nc | d",
        "-- \n---\n***",
        "[a link](javascript:alert(1))",
        "[a link](data:text/html,x)",
        "[a link](//host/path)",
        "![a picture](http://host/x.png)",
        "see http://host/path",
        "<b>bold</b>",
        "**never closed",
        "\\*not emphasis\\*",
        "**" + "x" * LONGEST + "**",
    ],
)
def test_what_is_not_markdown_of_ours_is_left_alone(text: str) -> None:
    assert to_html(text) == ""


def shown(text: str) -> str:
    """Return the HTML of a text without what is hidden."""
    html = str(to_html(text))
    while "<i hidden>" in html:
        start = html.index("<i hidden>")
        html = html[:start] + html[html.index("</i>", start) + 4 :]
    return html


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("# One", "<h4>One</h4>"),
        (
            "# One\na|b\n-|-",
            "<h4>One</h4><table><thead><tr><th>a</th><th>b</th></tr></thead></table>",
        ),
        ("a\n\n## Two\nb", "<p>a</p><h5>Two</h5><p>b</p>"),
        ("###### Six *e*", "<h6>Six <em>e</em></h6>"),
        ("**a** *b* ***c***", "<p><strong>a</strong> <em>b</em> <strong><em>c</em></strong></p>"),
        ("**a *b* c**", "<p><strong>a <em>b</em> c</strong></p>"),
        ("字**粗**字", "<p>字<strong>粗</strong>字</p>"),
        ("`a*b*c` ``d``", "<p><code>a*b*c</code> <code>d</code></p>"),
        ("- a\n- b", "<ul><li><p>a</p></li><li><p>b</p></li></ul>"),
        ("So:\n- a", "<p>So:</p><ul><li><p>a</p></li></ul>"),
        ("3. a\n4) b", '<ol><li value="3"><p>a</p></li><li value="4"><p>b</p></li></ol>'),
        ("- a\n  - b\n- c", "<ul><li><p>a</p><ul><li><p>b</p></li></ul></li><li><p>c</p></li></ul>"),
        ("1. a\n\n   ```\n   x\n   ```", '<ol><li value="1"><p>a</p><pre><code>x</code></pre></li></ol>'),
        ("born in\n1984. Then", ""),
        ("```python\n# no heading\n*x*\n```\nafter", "<pre><code># no heading\n*x*</code></pre><p>after</p>"),
        ("```\ncut off", "<pre><code>cut off</code></pre>"),
        (
            "a|b\n-|-:\n1|**2**\nend",
            "<table><thead><tr><th>a</th><th>b</th></tr></thead>"
            "<tbody><tr><td>1</td><td><strong>2</strong></td></tr></tbody></table><p>end</p>",
        ),
        (
            "[a](https://b.c/d?e=1&f=2#g)",
            '<p><a href="https://b.c/d?e=1&amp;f=2#g" target="_blank" rel="noopener">a'
            "<small>(https://b.c/d?e=1&amp;f=2#g)</small></a></p>",
        ),
        ("<b> **<i>**", "<p>&lt;b&gt; <strong>&lt;i&gt;</strong></p>"),
    ],
)
def test_the_subset_is_set(text: str, html: str) -> None:
    assert shown(text) == html


@pytest.mark.parametrize(
    "piece",
    [
        *(
            "*",
            "**a ",
            "*a **b ",
            "`",
            "``a`",
            "[",
            "[a](http://",
            "- ",
            "  - a\n",
            "|",
            "|-|-",
            "\n",
            "# a\n\n",
        ),
        *("```\n", "> ", "1. a\n\n", "a|b\n-|-\n", "~~~\n- "),
    ],
)
def test_hostile_texts_take_time_in_proportion_to_their_length(piece: str) -> None:
    def seconds(length: int) -> float:
        text = (piece * length)[:length]
        begun = time.process_time()
        to_html(text)
        return time.process_time() - begun

    short, long = (min(seconds(length + n) for n in range(2)) for length in (1_000, 8_000))
    assert long < 24 * max(short, 0.001)  # 8 times the length; its square would be 64
