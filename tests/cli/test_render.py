from __future__ import annotations

import io
import logging
import re
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recon_core.cli.formats import LogFormat, OutputFormat
from recon_core.cli.log import Log
from recon_core.cli.progress import show_progress
from recon_core.cli.render.blocks import Block, Bullets, Cell, Code, Column, Heading, Line, Table
from recon_core.cli.render.markdown import markdown_lines
from recon_core.cli.render.numbers import ago, count, dollars, percent, size, span
from recon_core.cli.render.plain import plain_lines
from recon_core.cli.session import begin

CELLS = st.builds(Cell, st.text(max_size=12), st.sampled_from([None, "code", "bad", "dim"]))


def page(text: str) -> list[Block]:
    return [
        Heading(text),
        Line(text, "strong"),
        Bullets([text, Cell(text, "code")]),
        Code([text]),
        Table([Column("a"), Column("b", right=True)], [[Cell(text, "code"), text], [None, ""]]),
    ]


@given(st.text())
def test_no_text_from_outside_breaks_a_line_or_hides_in_one(text: str) -> None:
    for lines in (list(plain_lines(page(text))), list(markdown_lines(page(text)))):
        for line in lines:
            assert not re.search("[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]", line)
    for render in (plain_lines, markdown_lines):
        assert len(list(render(page(text)))) == len(list(render(page("x"))))


@given(st.lists(st.tuples(CELLS, CELLS), min_size=1, max_size=4))
def test_a_markdown_table_has_the_cells_that_it_was_given(rows: list[tuple[Cell, Cell]]) -> None:
    lines = list(markdown_lines([Table([Column("a"), Column("b")], rows)]))
    assert len(lines) == 2 + len(rows)
    for line in lines:
        # A bar that is not escaped ends a cell; an escaped backslash does not escape it.
        bars = re.findall(r"(?<!\\)(?:\\\\)*\|", line)
        assert len(bars) == 3


def test_plain_tables_are_aligned_whatever_the_width_of_the_letters() -> None:
    table = Table([Column("name"), Column("n", right=True)], [["日本", "1"], ["ab", "1,000"], [None, None]])
    assert list(plain_lines([table])) == ["name      n", "日本      1", "ab    1,000", "-         -"]


def test_an_optional_column_with_nothing_to_say_is_left_out() -> None:
    columns = [Column("a"), Column("b", optional=True)]
    assert list(plain_lines([Table(columns, [["1", None], ["2", ""]])])) == ["a", "1", "2"]
    assert list(plain_lines([Table(columns, [["1", None], ["2", "x"]])])) == ["a  b", "1  -", "2  x"]


def test_markdown_escapes_text_and_keeps_commands_as_code() -> None:
    text = "*a* _b_ c_d <i>&| [x](y) `recon run --full` `rm | x`"
    assert list(markdown_lines([Line(text)])) == [
        "\\*a\\* \\_b\\_ c_d &lt;i&gt;&amp;\\| \\[x\\](y) `recon run --full` \\`rm \\| x\\`"
    ]
    assert list(markdown_lines([Line("a``b`", "code")])) == ["``` a``b` ```"]
    assert list(markdown_lines([Line("a\\|<b>", "code")])) == ["<code>a&#92;&#124;&#60;b&#62;</code>"]


@pytest.mark.parametrize(
    ("share", "text"),
    [(None, "-"), (0.0, "0.0 %"), (1.0, "100.0 %"), (0.99999, "99.9 %"), (0.95, "95.0 %"), (0.29, "29.0 %")],
)
def test_a_share_is_never_rounded_up(share: float | None, text: str) -> None:
    assert percent(share) == text


def test_numbers_in_words() -> None:
    assert [count(1, "item"), count(2, "item"), count(2000, "copy", "copies")] == ["1 item", "2 items", "2,000 copies"]
    assert [size(999), size(1000), size(2_500_000), size(3 * 10**15)] == ["999 B", "1.0 kB", "2.5 MB", "3000.0 TB"]
    assert [span(timedelta(seconds=1)), span(timedelta(hours=25)), span(timedelta(minutes=-90))] == [
        "1 second",
        "1 day",
        "1 hour",
    ]
    assert [dollars(amount) for amount in (0, 0.000005, 0.00094, 0.5, 12.5)] == [
        "0.00",
        "0.000005",
        "0.0009",
        "0.5",
        "12.50",
    ]
    assert ago(timedelta(days=3)) == "3 days ago"
    assert ago(timedelta(days=-3)) == "in 3 days"


def test_a_log_says_what_its_verbosity_lets_through(monkeypatch: pytest.MonkeyPatch) -> None:
    for verbosity, expected in [(-1, "e"), (0, "ewi"), (1, "ewid")]:
        stream = io.StringIO()
        monkeypatch.setattr("sys.stderr", stream)
        log = Log(LogFormat.text, verbosity)
        for level in ("error", "warning", "info", "debug"):
            log.say(level, f"{level[0]}\n")  # type: ignore[arg-type]
        assert [line.rpartition(" ")[2][0] for line in stream.getvalue().splitlines()] == list(expected)


def test_progress_without_a_terminal_is_a_line_a_step(capsys: pytest.CaptureFixture[str]) -> None:
    with show_progress(Log(LogFormat.text, 1)) as progress:
        progress.step("scan")
        progress.update(1, 2, "objects")
        progress.log("half\x1b[31m")
    assert capsys.readouterr().err == "scan ...\nhalf\\x1b[31m\n"


@pytest.mark.parametrize(("verbose", "expected"), [(0, ""), (1, "lib: retrying http://host/x \\x1b[0m\n")])
def test_what_libraries_log_is_for_those_who_ask_and_without_secrets(
    verbose: int, expected: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(logging.getLogger(), "handlers", [])
    for _ in range(2):
        begin(OutputFormat.table, verbose, False, LogFormat.text)
    logging.getLogger("lib").warning("retrying %s \x1b[0m", "http://me:secret@host/x?signature=1")
    logging.getLogger("lib").info("chatter")
    assert capsys.readouterr().err == expected


def test_one_of_something_is_counted_as_one() -> None:
    from recon_core.cli.progress import _Bars

    told: list[str] = []

    class Drawn:
        def add_task(self, *_: object, **__: object) -> int:
            return 0

        def update(self, _: int, *, count: str, **__: object) -> None:
            told.append(count)

    bars = _Bars(Drawn(), Log(LogFormat.text, 0))  # type: ignore[arg-type]
    bars.update(1, None, "checks")
    bars.update(2, None, "checks")
    assert told == ["1 check", "2 checks"]
