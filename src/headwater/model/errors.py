"""Every error Headwater raises on purpose, and the exit code each one ends a command with.

HeadwaterError               1  fault: a defect of ours
├── WrongUse                 2  the question is wrong: an option, a setting, a path that is not there
├── MissingDependency        3  something outside is absent: a kernel feature, a library, a tool
├── DoesNotVerify            5  evidence or a seal is not what was recorded
└── EvidenceError            4  a thing in the evidence could not be read; it becomes a Failure row
    ├── UnknownFormat        a container or file system refused by name
    ├── Malformed            bytes that break the format's own rules
    ├── Truncated            the bytes end before the format says they do
    ├── Encrypted            readable only with a key
    ├── Overwritten          a deleted file whose place other files use now: what is read there may be theirs
    └── LimitReached         depth, ratio, bytes, entries, pixels, time or memory: stopped on purpose

Beside them Python's own KeyboardInterrupt, 130: a person stopped it; the same command goes on from there.
"""

from enum import IntEnum


class ExitCode(IntEnum):
    """What a command's exit status means."""

    DONE = 0
    FAULT = 1
    WRONG_USE = 2
    OUTSIDE_DEPENDENCY = 3
    DONE_WITH_FAILURES = 4
    DOES_NOT_VERIFY = 5
    INTERRUPTED = 130


class HeadwaterError(Exception):
    """Root of the tree. `next_step` tells the user what to do about it."""

    exit_code: ExitCode = ExitCode.FAULT

    def __init__(self, message: str, *, next_step: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.next_step = next_step


class WrongUse(HeadwaterError):
    """The question is wrong. `problems` holds every fault found, not only the first."""

    exit_code = ExitCode.WRONG_USE

    def __init__(self, message: str, *, problems: tuple[str, ...] = (), next_step: str = "") -> None:
        super().__init__(message, next_step=next_step)
        self.problems = problems


class MissingDependency(HeadwaterError):
    """Something outside Headwater is absent."""

    exit_code = ExitCode.OUTSIDE_DEPENDENCY


class DoesNotVerify(HeadwaterError):
    """Evidence or a seal is not what was recorded. `names` lists what does not hold."""

    exit_code = ExitCode.DOES_NOT_VERIFY

    def __init__(self, message: str, *, names: tuple[str, ...] = (), next_step: str = "") -> None:
        super().__init__(message, next_step=next_step)
        self.names = names


class EvidenceError(HeadwaterError):
    """A thing in the evidence could not be read. `kind` becomes the Failure's kind."""

    exit_code = ExitCode.DONE_WITH_FAILURES
    kind = "unreadable"


class UnknownFormat(EvidenceError):
    """A container or file system that is refused by name, never guessed."""

    kind = "unknown_format"


class Malformed(EvidenceError):
    """Bytes that break the format's own rules."""

    kind = "malformed"


class Truncated(EvidenceError):
    """The bytes end before the format says they do."""

    kind = "truncated"


class Encrypted(EvidenceError):
    """Readable only with a key."""

    kind = "encrypted"


class Overwritten(EvidenceError):
    """A deleted file whose clusters other files use now, all or in part: what is read there may be theirs."""

    kind = "overwritten"


class LimitReached(EvidenceError):
    """Stopped on purpose at a limit of the settings."""

    kind = "limit"
