from headwater.evidence.spool import Spool


def test_what_is_written_is_read_back_at_any_place():
    spool = Spool(1000)
    spool.write(b"light")
    spool.write(b"house")
    assert (spool.size_bytes, spool.read_at(3, 4), spool.read_at(8, 100), spool.read_at(50, 1)) == (
        10,
        b"htho",
        b"se",
        b"",
    )
    spool.close()


def test_past_its_cap_it_holds_nothing():
    spool = Spool(8)
    spool.write(b"light")
    spool.write(b"house")
    assert spool.over
    assert spool.read_at(0, 1) == b""
    spool.close()
