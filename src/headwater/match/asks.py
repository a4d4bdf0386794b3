"""What the broker asks of the worker that searches; the worker answers in frames of pairs, an empty one at the end."""

import msgspec

FILES = ("hashes.bin", "order.bin", "starts.bin", "index.json")  # of an index on disk, in the order they are opened


class Build(msgspec.Struct, frozen=True, kw_only=True, tag="build"):
    """Build an index from a file of hashes, the first descriptor, into four files."""


class Load(msgspec.Struct, frozen=True, kw_only=True, tag="load"):
    """Search the index in four files from now on."""


class Hold(msgspec.Struct, frozen=True, kw_only=True, tag="hold"):
    """Search the hashes in one file from now on, with an index made for the moment."""


class Near(msgspec.Struct, frozen=True, kw_only=True, tag="near"):
    """Search for the hashes in one file."""

    radius_bits: int


Ask = Build | Load | Hold | Near
END = b""
FAULT = b"fault: "
