"""Every item of a validation as CSV. No cell can become a formula in a spreadsheet (OWASP ASVS 5.0, V1.2.10)."""

import csv
from collections.abc import Sequence
from dataclasses import asdict, fields
from io import StringIO

from headwater.export.validation_records import ItemLine

_ACTS = ("=", "+", "-", "@", "\t", "\r", "\n", "\0", "\uff1d", "\uff0b", "\uff0d", "\uff20")


def write_items(items: Sequence[ItemLine]) -> bytes:
    """One line an item and condition, in UTF-8; a cell that would act in a spreadsheet stands behind an apostrophe."""
    out = StringIO(newline="")
    writer = csv.DictWriter(out, [field.name for field in fields(ItemLine)], lineterminator="\n", quoting=csv.QUOTE_ALL)
    writer.writeheader()
    for item in items:
        writer.writerow({name: f"'{text}" if text.startswith(_ACTS) else text for name, text in asdict(item).items()})
    return out.getvalue().encode("utf-8", "surrogatepass")
