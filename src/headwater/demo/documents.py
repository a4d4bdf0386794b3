"""Small files of everyday kinds: a PDF, programs that start nothing, settings, captions."""

from collections.abc import Sequence

import numpy as np


def build_pdf(lines: Sequence[str]) -> bytes:
    """Write a one-page PDF 1.4 with a correct cross-reference table. `lines` are printable ASCII."""
    shown = "".join(f"({line.translate(_ESCAPES)}) Tj T*\n" for line in lines)
    stream = f"BT /F1 12 Tf 14 TL 72 760 Td\n{shown}ET\n".encode("ascii")
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources <</Font <</F1 5 0 R>> >> >>",
        b"<< /Length %d >>\nstream\n%sendstream" % (len(stream), stream),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    ]
    out = bytearray(b"%PDF-1.4\n")
    places = []
    for number, body in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    table = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % place for place in places)
    out += b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, table)
    return bytes(out)


_ESCAPES = str.maketrans({"(": r"\(", ")": r"\)", "\\": r"\\"})


def build_program(key: tuple[int, ...], kibibytes: int) -> bytes:
    """Write a file that looks like a Windows program (MZ and PE heads) and holds nothing that runs."""
    noise = np.random.default_rng(key).bytes(kibibytes * 1024 - 256)
    head = b"MZ".ljust(0x3C, b"\0") + (0x80).to_bytes(4, "little")
    return head.ljust(0x80, b"\0") + b"PE\0\0\x64\x86\0\0".ljust(0x80, b"\0") + noise
