from hashlib import new

from hypothesis import given
from hypothesis import strategies as st

from headwater.examine.digests import Digester


def digests_of(data, step, md5_from=0):
    digester = Digester()
    chunks = [data[start : start + step] for start in range(0, len(data), step)]
    for number, chunk in enumerate(chunks):
        if number == md5_from:
            digester.begin_md5(chunks[:number])
        digester.update(chunk)
    if md5_from >= len(chunks):
        digester.begin_md5(chunks)
    return digester.digests()


def test_the_digests_of_nothing_are_the_published_ones():
    found = digests_of(b"", 1)
    assert found.md5 == "d41d8cd98f00b204e9800998ecf8427e"
    assert found.sha1 == "da39a3ee5e6b4b0d3255bfef95601890afd80709"
    assert found.sha256 == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    assert found.size_bytes == 0


@given(st.binary(max_size=5000), st.integers(1, 700), st.integers(0, 9))
def test_neither_chunking_nor_the_place_where_md5_begins_changes_them(data, step, md5_from):
    found = digests_of(data, step, md5_from)
    for name in ("md5", "sha1", "sha256"):
        assert getattr(found, name) == new(name, data).hexdigest()


def test_md5_that_was_not_begun_is_not_given():
    digester = Digester()
    digester.update(b"lighthouse")
    assert digester.digests().md5 == ""
