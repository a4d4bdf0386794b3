import hashlib
import os

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from headwater.demo.ewf_writer import Metadata
from headwater.evidence.disk.verify import verify_source
from headwater.model.source_report import Compared, SourceReport


def quiet(_):
    return None


@pytest.fixture(scope="module")
def data(kit):
    return kit.media()


def test_an_e01_gives_all_digests_in_one_read(kit, data, opened, monkeypatch):
    files = kit.e01(data, 80_000, metadata=Metadata(examiner="Å. Fyr", errors=((5, 2),)))
    segments, read, real = opened(files), [], os.pread
    monkeypatch.setattr("headwater.evidence.disk.segments.os.pread", lambda *call: read.append(call[1]) or real(*call))
    report = verify_source(segments, quiet)
    stored = sum(len(whole) for _, whole in files)
    assert stored <= sum(read) < stored * 1.1
    assert [each.sha256 for each in report.segments] == [hashlib.sha256(whole).hexdigest() for _, whole in files]
    assert report.md5 == hashlib.md5(data).hexdigest() == report.stored_md5
    assert (report.sha1, report.sha256) == (hashlib.sha1(data).hexdigest(), hashlib.sha256(data).hexdigest())
    assert (report.md5_compared, report.sha1_compared) == (Compared.MATCH, Compared.MATCH)
    assert (report.chunks_expected, report.chunks_read) == (25, 25)
    assert ("examiner", "Å. Fyr") in report.acquiry
    assert report.acquisition_errors[0].first_sector == 5
    assert report.holds


def test_the_report_travels_as_json(kit, data, opened):
    report = verify_source(opened(kit.e01(data, damage=[2])), quiet)
    assert msgspec.json.decode(msgspec.json.encode(report), type=SourceReport) == report


def test_damage_is_located_and_the_stored_digest_differs(kit, data, opened):
    report = verify_source(opened(kit.e01(data, damage=[2, 7])), quiet)
    assert [(each.first_sector, each.sector_count) for each in report.bad_sectors] == [(128, 64), (448, 64)]
    assert report.md5_compared is Compared.DIFFERS
    assert report.chunks_read == 23
    assert not report.holds


def test_digests_are_not_computed_over_absent_media(kit, data, opened):
    report = verify_source(opened(kit.e01(data, 80_000)[1:]), quiet)
    assert (report.md5, report.sha256) == ("", "")
    assert report.md5_compared is Compared.NOT_COMPUTED
    assert report.bad_sectors[0].first_sector == 0


def test_a_hopeless_image_still_has_its_segments_digested(opened):
    whole = b"EVF\t\r\n\xff\0" + bytes(500)
    report = verify_source(opened([("a.E01", whole)]), quiet)
    assert report.failure_kind == "malformed"
    assert report.segments[0].sha256 == hashlib.sha256(whole).hexdigest()
    assert not report.holds


def test_a_sibling_format_is_named(opened):
    report = verify_source(opened([("a.L01", b"LVF\t\r\n\xff\0" + bytes(500))]), quiet)
    assert report.failure_kind == "unknown_format"
    assert "L01" in report.failure


def test_split_raw_is_digested_whole_and_by_segment(opened):
    parts = [bytes([number]) * 1536 for number in range(3)]
    report = verify_source(opened([(f"d.00{number}", part) for number, part in enumerate(parts)]), quiet)
    assert report.kind == "raw"
    assert report.sha256 == hashlib.sha256(b"".join(parts)).hexdigest()
    assert [each.sha256 for each in report.segments] == [hashlib.sha256(part).hexdigest() for part in parts]
    assert (report.md5_compared, report.holds) == (Compared.ABSENT, True)


def test_unreadable_bytes_of_a_raw_image_are_sectors(opened, monkeypatch):
    segments, real = opened([("d.dd", b"x" * 16384)]), os.pread

    def failing(fd, length, offset):
        if offset <= 5000 < offset + length:
            raise OSError(5, "Input/output error")
        return real(fd, length, offset)

    monkeypatch.setattr("headwater.evidence.disk.segments.os.pread", failing)
    report = verify_source(segments, quiet)
    assert [(each.first_sector, each.sector_count) for each in report.bad_sectors] == [(8, 8)]
    assert report.segments[0].unreadable[0].offset_bytes == 4096
    assert not report.holds


def test_progress_counts_up_to_the_size_of_all_segments(kit, data, opened):
    files, seen = kit.e01(data, 80_000), []
    verify_source(opened(files), seen.append)
    assert seen == sorted(seen)
    assert seen[-1] <= sum(len(whole) for _, whole in files)
    assert len(seen) > 1


def test_no_segments_is_a_failure_not_a_crash():
    assert verify_source((), quiet).failure_kind == "truncated"


@settings(max_examples=120, deadline=None)
@given(chosen=st.data())
def test_one_changed_byte_is_never_silent(kit, data, chosen):
    files = kit.e01(data)
    name, whole = files[0]
    at = chosen.draw(
        st.one_of(st.integers(0, len(whole) - 1), st.integers(0, 3000), st.integers(len(whole) - 3000, len(whole) - 1))
    )
    with kit.held([(name, kit.flip(whole, at, chosen.draw(st.integers(1, 255))))]) as segments:
        report = verify_source(segments, quiet)
    assert report.segments[0].sha256 != hashlib.sha256(whole).hexdigest()
    if not (report.failure_kind or report.bad_sectors or report.notes):
        assert report.sha256 == hashlib.sha256(data).hexdigest()


@settings(max_examples=60, deadline=None)
@given(cut=st.integers(1, 250_000))
def test_every_truncation_is_reported(kit, data, cut):
    name, whole = kit.e01(data)[0]
    with kit.held([(name, whole[: max(len(whole) - cut, 0)])]) as segments:
        report = verify_source(segments, quiet)
    assert report.failure_kind or report.bad_sectors or report.notes
    assert not report.holds


@given(st.binary(max_size=2000), st.sampled_from(["a.dd", "a.E01", "a.001"]))
def test_any_file_gives_a_report(kit, content, name):
    with kit.held([(name, content)]) as segments:
        report = verify_source(segments, quiet)
    assert report.segments[0].sha256 == hashlib.sha256(content).hexdigest()
