"""What a worker may use at most."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class JailLimits:
    """Resource limits of one worker.

    address_space_bytes: everything mapped; an allocation above it is a MemoryError.
    file_bytes: size of one file written, which can only be an unlinked memfd.
    open_files: descriptors at one time.
    cpu_seconds: processor time of the whole process, then SIGXCPU and SIGKILL; None for no limit.
    core_bytes: size of a core dump; evidence never goes into one.
    """

    address_space_bytes: int = 2 << 30
    file_bytes: int = 1 << 30
    open_files: int = 512
    cpu_seconds: int | None = None
    core_bytes: int = 0


DEFAULT_LIMITS = JailLimits()
