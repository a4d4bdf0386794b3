from hashlib import new

from hypothesis import given
from hypothesis import strategies as st

from headwater.examine.digests import Digester


def test_the_digests_of_nothing_are_the_published_ones() -> None:
    found = Digester().digests()
    assert found.md5 == "d41d8cd98f00b204e9800998ecf8427e"
    assert found.sha1 == "da39a3ee5e6b4b0d3255bfef95601890afd80709"
    assert found.sha256 == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    assert found.size_bytes == 0


@given(st.binary(max_size=5000), st.integers(1, 700))
def test_chunking_does_not_change_them(data: bytes, step: int) -> None:
    digester = Digester()
    for start in range(0, len(data), step):
        digester.update(data[start : start + step])
    found = digester.digests()
    assert found.size_bytes == len(data)
    for name in ("md5", "sha1", "sha256"):
        assert getattr(found, name) == new(name, data).hexdigest()
