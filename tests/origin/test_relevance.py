"""Scores of another tool: what counts, and every row that does not with its line."""

from hypothesis import given
from hypothesis import strategies as st

from headwater.origin.relevance import Refused, Score, read_scores

SHA = "ab" * 32


def read(*lines):
    return list(read_scores([f"{line}\n" for line in lines]))


def test_rows_of_each_kind_of_digest_count():
    rows = read("path,SHA256,Score", f"a.png,{SHA.upper()},0.75", f"b.png,{'cd' * 20},-3", f"c.png,{'ef' * 16},1e3")
    assert rows == [
        Score(line=2, kind="sha256", digest=SHA, score=0.75),
        Score(line=3, kind="sha1", digest="cd" * 20, score=-3.0),
        Score(line=4, kind="md5", digest="ef" * 16, score=1000.0),
    ]


def test_every_refused_row_has_its_line_and_reason():
    rows = read(
        "digest,score", "xyz,1", f"{SHA},high", f"{SHA},nan", SHA, "d41d8cd98f00b204e9800998ecf8427e,1", f"{SHA},1"
    )
    assert [(row.line, type(row)) for row in rows] == [
        (2, Refused), (3, Refused), (4, Refused), (5, Refused), (6, Refused), (7, Score),
    ]  # fmt: skip
    assert "empty file" in rows[4].reason


def test_without_its_columns_nothing_is_read():
    assert [type(row) for row in read("name,value", "a,1")] == [Refused]
    assert [type(row) for row in read()] == [Refused]


@given(st.lists(st.text(max_size=60), max_size=8))
def test_no_text_escapes(lines):
    assert all(isinstance(row, Score | Refused) for row in read_scores(["digest,score\n", *lines]))
