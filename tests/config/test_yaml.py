"""YAML: what scalars mean, what is refused and on which line, with both of PyYAML's parsers."""

from __future__ import annotations

import json
import math
import re
from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from recon_core.api import ConfigError
from recon_core.config.yaml_core import MAX_BYTES, MAX_DEPTH, parse, read_text, resolve_plain
from recon_core.text import shown

LABEL = "config/a.yaml"


@pytest.fixture(params=["C", "Python"])
def either_parser(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Runs a test with the C parser and with the one that is used where PyYAML was built without it."""
    if request.param == "Python":
        monkeypatch.delattr(yaml, "CSafeLoader", raising=False)
    return str(request.param)


def problems(text: str) -> list[str]:
    return [problem.text(LABEL) for problem in parse(text, LABEL).problems]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("NO", "NO"),
        ("yes", "yes"),
        ("on", "on"),
        ("y", "y"),
        ("true", True),
        ("False", False),
        ("tRUE", "tRUE"),
        ("null", None),
        ("~", None),
        ("", None),
        ("nUll", "nUll"),
        ("0022400061", "0022400061"),
        ("-007", "-007"),
        ("00", "00"),
        ("00.5", "00.5"),
        ("0", 0),
        ("-0", 0),
        ("+12", 12),
        ("2024", 2024),
        ("2023-24", "2023-24"),
        ("1_000", "1_000"),
        ("190:20:30", "190:20:30"),
        ("2025-01-01", "2025-01-01"),
        ("2025-01-01T00:00:00Z", "2025-01-01T00:00:00Z"),
        ("0o17", 15),
        ("017", "017"),
        ("0x1F", 31),
        ("0b11", "0b11"),
        ("1.", 1.0),
        (".5", 0.5),
        ("1e3", 1000.0),
        ("-1.5E-2", -0.015),
        ("0022e5", "0022e5"),
        (".inf", math.inf),
        ("-.INF", -math.inf),
        ("inf", "inf"),
        ("nan", "nan"),
        ("<<", "<<"),
        ("=", "="),
        ("٣", "٣"),
    ],
)
def test_a_plain_scalar_means_what_the_core_schema_says(either_parser: str, text: str, value: object) -> None:
    found = parse(f"key: {text}\n", LABEL).data["key"]
    assert (type(found), found) == (type(value), value)


def test_not_a_number_is_a_float() -> None:
    value = resolve_plain(".nan")
    assert isinstance(value, float)
    assert math.isnan(value)


@pytest.mark.parametrize("text", ["'2024'", '"2024"', "|-\n  2024", ">-\n  2024"])
def test_a_quoted_or_block_scalar_is_text(either_parser: str, text: str) -> None:
    assert parse(f"key: {text}\n", LABEL).data == {"key": "2024"}


def test_keys_are_text_whatever_they_look_like(either_parser: str) -> None:
    document = parse("2024: a\nno: b\nnull: c\n'': d\n1.0: e\n", LABEL)
    assert document.data == {"2024": "a", "no": "b", "null": "c", "": "d", "1.0": "e"}
    assert not document.problems


def test_a_merge_key_is_a_key_like_any_other(either_parser: str) -> None:
    assert parse("<<: {a: 1}\n", LABEL).data == {"<<": {"a": 1}}


def test_source_texts_of_numbers_are_kept(either_parser: str) -> None:
    document = parse("a: [1.10, x, 0x10]\nb: 2\n", LABEL)
    assert document.texts == {("a", 0): "1.10", ("a", 2): "0x10", ("b",): "2"}


def test_every_node_has_its_line(either_parser: str) -> None:
    positions = parse("# comment\na:\n  b:\n    - 1\n    - c: 2\n\nd: |\n  x\n  y\n", LABEL).positions
    lines = {path: positions.line_of(path) for path in [("a",), ("a", "b"), ("a", "b", 0), ("a", "b", 1, "c"), ("d",)]}
    assert lines == {("a",): 2, ("a", "b"): 3, ("a", "b", 0): 4, ("a", "b", 1, "c"): 5, ("d",): 7}
    assert positions.line_of(("a", "b", 1, "c", "not", "there")) == 5
    assert positions.line_of(("nowhere",)) == 2
    assert positions.where(("a", "b", 1, "c")) == "config/a.yaml:5: a.b[1].c"
    assert positions.where(()) == "config/a.yaml:2"


@pytest.mark.parametrize("text", ["", "\n\n", "# only a comment\n", "---\n", "~\n", "null", "--- # nothing\n...\n"])
def test_a_file_without_content_is_nothing(either_parser: str, text: str) -> None:
    document = parse(text, LABEL)
    assert document.data is None
    assert not document.problems


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a: 1\nb: 2\na: 3\n", ["config/a.yaml:3: a: the same key stands on line 1 already: keep one of them"]),
        (
            "x:\n  y: {a: 1, 'a': 2}\n",
            ["config/a.yaml:2: x.y.a: the same key stands on line 2 already: keep one of them"],
        ),
        (
            "a: 1\na: *b\n",
            [
                "config/a.yaml:2: a: the same key stands on line 1 already: keep one of them",
                "config/a.yaml:2: a: an alias (*): write the value out",
            ],
        ),
        (
            "a: &x 1\nb: *x\n",
            [
                "config/a.yaml:1: a: an anchor (&): write the value out where it is needed",
                "config/a.yaml:2: b: an alias (*): write the value out",
            ],
        ),
        ("a: !!str 1\n", ["config/a.yaml:1: a: a tag (tag:yaml.org,2002:str): write the plain value"]),
        ("a: ! 1\n", ["config/a.yaml:1: a: a tag (!): write the plain value"]),
        (
            "a: !!python/object/apply:os.system [ls]\n",
            ["config/a.yaml:1: a: a tag (tag:yaml.org,2002:python/object/apply:os.system): write the plain value"],
        ),
        ("&a b: 1\n", ["config/a.yaml:1: a tag or an anchor on the key 'b': write the plain key"]),
        ("{? : 2}\n", ["config/a.yaml:1: a key is missing before ':'"]),
        ("? [a, b]\n: 1\n", ["config/a.yaml:1: a key must be plain text"]),
        ("a:\n  - 1\n  - ? {b: 1, b: 2}\n    : {c: *d}\n", None),
    ],
)
def test_what_no_value_may_be(either_parser: str, text: str, expected: list[str] | None) -> None:
    assert problems(text) == expected if expected is not None else len(problems(text)) == 3


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a:\n\tb: 1\n", "config/a.yaml:2: not valid YAML: a tab: indent with spaces"),
        (
            "a: b: c\n",
            (
                "config/a.yaml:1: not valid YAML: an unexpected colon: check the indentation, and quote a text that "
                "has ': ' in it"
            ),
        ),
        ("a: 1\n---\nb: 2\n", "config/a.yaml:2: a second document: a file has only one"),
        ("a: 1\nb: \x07\n", "config/a.yaml:2: a control character that YAML forbids: remove it"),
        ("a: " + "[" * (MAX_DEPTH + 1), "config/a.yaml:1: nested more than 32 levels deep"),
    ],
)
def test_text_that_is_no_yaml(either_parser: str, text: str, expected: str) -> None:
    with pytest.raises(ConfigError, match="^" + re.escape(expected) + "$"):
        parse(text, LABEL)


@pytest.mark.parametrize("text", ["a: [1\n", "a: 'b\n", "a: @b\n", "a: 1\n b: 2\n", "%YAML 3.0\n---\na: 1\n", "}"])
def test_other_syntax_errors_name_a_line(either_parser: str, text: str) -> None:
    with pytest.raises(ConfigError, match=r"^config/a\.yaml:\d: not valid YAML: [^\n]+$"):
        parse(text, LABEL)


@pytest.mark.parametrize("text", ['a: "\\U00110000"\n', 'a: "\\UFFFFFFFF"\n'])
def test_an_escape_beyond_unicode(either_parser: str, text: str) -> None:
    with pytest.raises(ConfigError, match=r"^config/a\.yaml[^\n]+$"):
        parse(text, LABEL)


def test_half_a_character(either_parser: str) -> None:
    if either_parser == "C":
        with pytest.raises(ConfigError, match=r"^config/a\.yaml:1: not valid YAML: found invalid Unicode character"):
            parse('a: "\\ud83d"\n', LABEL)
    else:
        expected = "config/a.yaml:1: a: an escape that is half a character: write the character itself"
        assert problems('a: "\\ud83d"\n') == [expected]


def test_a_number_of_any_length_is_read() -> None:
    assert parse("a: " + "9" * 5000, LABEL).data == {"a": math.inf}
    assert parse("a: 0x" + "f" * 5000, LABEL).data["a"] > 1 << 64
    assert parse("a: 1e999", LABEL).data == {"a": math.inf}


def test_a_file_is_read_without_its_byte_order_mark(tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    path.write_bytes(b"\xef\xbb\xbfa: 1\r\nb: 2\r\n")
    assert parse(read_text(path, LABEL), LABEL).data == {"a": 1, "b": 2}


def test_a_file_that_is_not_utf8(tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    path.write_bytes(b"a: 1\nb: \xff\n")
    with pytest.raises(ConfigError, match=r"^config/a\.yaml:2: is not UTF-8 text: save the file as UTF-8$"):
        read_text(path, LABEL)
    path.write_bytes("a: 1\n".encode("utf-16"))
    with pytest.raises(ConfigError, match=r"^config/a\.yaml:1: is not UTF-8 text"):
        read_text(path, LABEL)


def test_a_file_that_is_too_large(tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    path.write_bytes(b"#" * MAX_BYTES)
    assert len(read_text(path, LABEL)) == MAX_BYTES
    path.write_bytes(b"#" * (MAX_BYTES + 1))
    with pytest.raises(ConfigError, match=r"^config/a\.yaml: is larger than 1 MiB"):
        read_text(path, LABEL)


def test_what_is_no_file(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"^config/a\.yaml: there is no such file: make one with `recon init`$"):
        read_text(tmp_path / "a.yaml", LABEL)
    with pytest.raises(ConfigError, match=r"^config/a\.yaml: is not a file"):
        read_text(tmp_path, LABEL)
    loop = tmp_path / "loop"
    loop.symlink_to(loop)
    with pytest.raises(ConfigError, match=r"^config/a\.yaml: cannot be read: "):
        read_text(loop, LABEL)


@given(st.from_regex(r"[-+.0-9a-fA-Fxo_:eETZ]{1,12}", fullmatch=True))
def test_plain_scalars_keep_their_digits_or_their_value(text: str) -> None:
    """Whatever stays text keeps every character; what becomes a number is the number that JSON or Python reads."""
    value = resolve_plain(text)
    if isinstance(value, str):
        assert value == text
    elif isinstance(value, int) and not isinstance(value, bool) and text[:2] not in ("0x", "0o"):
        assert value == int(text)
        assert not re.match(r"[-+]?0[0-9]", text)
    elif isinstance(value, float) and "inf" not in text.lower():
        assert value == float(text)


_JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**18), 10**18)
    | st.floats(allow_nan=False, allow_infinity=False)
    # Left out: what JSON allows unescaped and PyYAML, whose reader is one for YAML 1.1, takes for a control or a line.
    | st.text(st.characters(exclude_categories=["Cs", "Cc", "Zl", "Zp", "Cn", "Co"], exclude_characters="\ufeff")),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text("abcdefgh_.-0123456789", min_size=1), inner),
    max_leaves=12,
)


@settings(max_examples=150)
@given(_JSON)
def test_json_is_yaml(value: object) -> None:
    """JSON is a subset of YAML 1.2, so any JSON document comes through as it is."""
    document = parse(json.dumps({"top": value}, ensure_ascii=False), LABEL)
    assert document.data == {"top": value}
    assert not document.problems


_PIECES = st.sampled_from(
    [
        *(
            "a",
            ": ",
            "\n",
            "  ",
            "- ",
            "[",
            "]",
            "{",
            "}",
            ",",
            "&x ",
            "*x",
            "!t ",
            "? ",
            "|",
            ">",
            '"',
            "'",
            "\\U",
            "\t",
        ),
        *(
            "#",
            "---\n",
            "...\n",
            "%YAML 1.2\n",
            "0",
            ".nan",
            "~",
            "\\ud800",
            "<<",
            "@",
            "`",
            "\ufeff",
            "\x85",
            "\u2028",
        ),
    ]
)


@settings(max_examples=300)
@given(st.binary(max_size=64) | st.lists(_PIECES, max_size=30).map(lambda pieces: "".join(pieces).encode()))
def test_any_bytes_are_data_or_one_clear_line(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    path = tmp_path_factory.getbasetemp() / "fuzz.yaml"
    path.write_bytes(content)
    for loader in ("CSafeLoader", "SafeLoader"):
        kept = yaml.CSafeLoader
        yaml.CSafeLoader = getattr(yaml, loader)
        try:
            document = parse(read_text(path, LABEL), LABEL)
            lines = [problem.text(LABEL) for problem in document.problems]
        except ConfigError as error:
            lines = [str(error)]
        finally:
            yaml.CSafeLoader = kept
        for line in lines:
            assert line.startswith(LABEL)
            assert line == shown(line)
