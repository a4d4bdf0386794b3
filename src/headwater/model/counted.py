"""A number with its noun, as a person says it."""


def counted(number: int, one: str, many: str = "") -> str:
    """``1 file``, ``2 files``, ``1,234 files``. `many`: the plural where it is not `one` with an s."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"
