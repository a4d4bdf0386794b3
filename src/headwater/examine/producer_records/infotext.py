"""The text of settings that AUTOMATIC1111's web UI keeps in `params.txt` and, where asked, beside each picture.

Its layout: formats/generators/settings_text.py. Only a text that ends with such a line is taken for one.
"""

from collections.abc import Iterator

from headwater.examine.producer_records.told import of_record, output
from headwater.formats.generators.a1111 import record_of
from headwater.formats.generators.settings_text import read_settings
from headwater.model.finding import Seen

TEXT_BYTES_MAX = 1 << 20


def read(text: str) -> Iterator[Seen]:
    """One output, whose file is not named; nothing where the text is something else."""
    settings = read_settings(text) if text.rstrip().rpartition("\n")[2].startswith("Steps: ") else None
    if settings is not None:
        record = record_of(settings)
        size = {"width": record.width, "height": record.height}
        yield from output(
            record.generator, "settings text", record.prompt, record.negative, **size, **of_record(record)
        )
