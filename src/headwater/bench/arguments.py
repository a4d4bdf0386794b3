"""What the proofs of the bench are given on their command lines: a path that is not there ends them with exit 2."""

from argparse import ArgumentTypeError
from pathlib import Path

from headwater.model.visible import visible


def a_folder(text: str) -> Path:
    """A folder with something in it. Raises ArgumentTypeError."""
    path = Path(text)
    if not path.is_dir():
        raise ArgumentTypeError(f"{visible(text)} is not a folder")
    if not any(path.iterdir()):
        raise ArgumentTypeError(f"{visible(text)} is empty")
    return path


def a_file(text: str) -> Path:
    """A file that can be opened. Raises ArgumentTypeError."""
    path = Path(text)
    try:
        with path.open("rb"):
            return path
    except OSError as error:
        raise ArgumentTypeError(f"{visible(text)} cannot be opened: {error.strerror}") from error
