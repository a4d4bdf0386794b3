"""Every item of a validation as CSV."""

from collections.abc import Sequence
from dataclasses import asdict, fields

from headwater.export.csv_cells import csv_lines
from headwater.export.validation_records import ItemLine


def write_items(items: Sequence[ItemLine]) -> bytes:
    """One line an item and condition, in UTF-8; a cell that would act in a spreadsheet stands behind an apostrophe."""
    return b"".join(csv_lines([field.name for field in fields(ItemLine)], map(asdict, items)))
