"""Readers of known sets, one a form: a stream of bytes in, records and refused rows out, in the order of the source."""

from collections.abc import Iterator, Mapping
from typing import BinaryIO, Protocol

from headwater.match.readers.csv_rows import read_csv
from headwater.match.readers.digests import read_digests
from headwater.match.readers.icse import read_icse
from headwater.match.readers.ncmec import read_ncmec
from headwater.match.readers.pdq import read_pdq
from headwater.match.readers.threatexchange import read_threatexchange
from headwater.match.readers.vics import read_vics
from headwater.match.readers.vpdq import read_vpdq
from headwater.model.known import Record, Refused


class SetReader(Protocol):
    """Reads one form. It may raise Malformed before its first record, where the file is of another form."""

    def __call__(self, stream: BinaryIO, /) -> Iterator[Record | Refused]: ...


READERS: Mapping[str, SetReader] = {
    "vics": read_vics,
    "icse": read_icse,
    "pdq": read_pdq,
    "vpdq": read_vpdq,
    "csv": read_csv,
    "digests": read_digests,
    "threatexchange": read_threatexchange,
    "ncmec": read_ncmec,
}
