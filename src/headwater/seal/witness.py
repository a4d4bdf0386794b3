"""Checkpoints kept outside the workspace, so that a chain cut at its end, or an old copy put back, is found."""

import fcntl
import os
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from headwater.model.errors import DoesNotVerify, HeadwaterError, WrongUse
from headwater.seal.chain import KEY, Chain, key_of
from headwater.seal.checkpoint import NOTE_LINES, Checkpoint, open_checkpoint, sign_checkpoint
from headwater.seal.entry import FIRST, ChainEntry
from headwater.seal.files import read_only, sync_folder
from headwater.seal.keys import key_id

CHECKPOINT = "checkpoint"


@dataclass(frozen=True, slots=True, kw_only=True)
class WitnessReport:
    """in_chain, in_witness: how many checkpoints were read there. vouched: how many entries the witness vouches for.

    signers: how many entries each key signed, by key id. problems: what does not hold.
    """

    in_chain: int
    in_witness: int
    vouched: int
    signers: Mapping[str, int]
    problems: tuple[str, ...]


def witness_path(config: Path, name: str) -> Path:
    """Where the checkpoints of the operation with this id are kept. Raises WrongUse for an id that is no plain word."""
    if not name or not all(letter.isascii() and (letter.isalnum() or letter == "-") for letter in name):
        raise WrongUse(f"not an operation id: {name!r}", next_step="It is set by headwater init and never edited.")
    return config / "witness" / f"{name}.log"


def add_checkpoint(chain: Chain, origin: str, witness: Path) -> Checkpoint:
    """Sign the chain as it stands, in the chain itself and in the witness file, and return what the witness holds.

    The checkpoint in the chain covers the entries before it; the one in the witness covers that entry too, so that even
    the last entry cannot be taken off unseen. Print the returned head on a hand-over sheet: `verify --head` reads it.
    Raises HeadwaterError for a chain that has no signer.
    """
    chain.introduce()
    signer = chain.signer
    if signer is None:
        raise HeadwaterError(f"{chain.path.name} has nobody to sign it")
    last = chain.settle()
    inside = Checkpoint(origin=origin, size=last.seq + 1 if last else 0, head=last.digest if last else FIRST)
    entry = chain.append(CHECKPOINT, {"note": sign_checkpoint(inside, signer)})
    if entry.previous != inside.head:
        raise DoesNotVerify(f"{chain.path.name}: another process wrote meanwhile", names=(str(chain.path),))
    outside = Checkpoint(origin=origin, size=entry.seq + 1, head=entry.digest)
    _append_note(witness, sign_checkpoint(outside, signer))
    return outside


def _append_note(path: Path, note: str) -> None:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        os.ftruncate(descriptor, _whole_bytes(os.pread(descriptor, os.fstat(descriptor).st_size, 0)))
        os.write(descriptor, note.encode())
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    sync_folder(path.parent)


def _whole_bytes(data: bytes) -> int:
    """Where the last whole note ends. A crash may have cut the one after it short: unsigned, it says nothing."""
    lines = data.split(b"\n")[:-1]
    return sum(len(line) + 1 for line in lines[: len(lines) - len(lines) % NOTE_LINES])


def check_checkpoints(
    chain: Chain, origin: str, witness: Path, own: bytes | None, accepted: Collection[str] = ()
) -> WitnessReport:
    """Hold the chain against its own checkpoints, against the witness file, and its signers against those known here.

    own: this user's public key. accepted: ids of other people's keys. What the last checkpoint in the witness saw is
    vouched for by it, whoever signed; every entry after it must be signed by a key that is this user's, was one when a
    checkpoint of the witness was signed, or is accepted. A chain without a witness here (another machine's) is told by
    `in_witness` 0, which is no problem by itself; where keys are accepted, every entry must then be signed by one.
    """
    walk = _Walked(chain, origin)
    notes = _notes(witness)
    vouched, trusted = 0, {key_id(own), *accepted} if own else set(accepted)
    for number, note in enumerate(notes, 1):
        try:
            checkpoint, signer = _hold(note, origin, own, walk)
        except ValueError as error:
            walk.problems.append(f"{witness.name}: checkpoint {number}: {error}")
        else:
            vouched = max(vouched, checkpoint.size)
            trusted.add(signer)
    if notes or accepted:
        walk.problems += _foreign(chain, walk.signers[vouched:], vouched, trusted)
    return WitnessReport(
        in_chain=walk.checkpoints,
        in_witness=len(notes),
        vouched=vouched,
        signers=Counter(walk.signers),
        problems=tuple(walk.problems),
    )


def holds_head(chain: Chain, head: str) -> bool:
    """Whether a head known from outside is an entry of this chain (it may have grown since)."""
    return any(entry.digest == head.lower() for entry in chain.entries())


class _Walked:
    """What one read of the chain gives: who signed each entry, its digest, which key came when, and what is wrong."""

    def __init__(self, chain: Chain, origin: str) -> None:
        self.digests: list[str] = []
        self.signers: list[str] = []
        self.keys: dict[str, tuple[int, bytes]] = {}  # by id: the entry that introduced it, the key
        self.checkpoints = 0
        self.problems: list[str] = []
        try:
            for entry in chain.entries():
                self._take(chain, entry, origin)
        except DoesNotVerify as error:
            self.problems.append(error.message)

    def _take(self, chain: Chain, entry: ChainEntry, origin: str) -> None:
        for name, public in (key_of(entry) if entry.kind == KEY else {}).items():
            self.keys.setdefault(name, (entry.seq, public))
        if entry.kind == CHECKPOINT:
            self.checkpoints += 1
            self.problems += _inside_faults(chain, entry, origin, [public for _, public in self.keys.values()])
        self.digests.append(entry.digest)
        self.signers.append(entry.signed_by)


def _inside_faults(chain: Chain, entry: ChainEntry, origin: str, keys: Iterable[bytes]) -> list[str]:
    try:
        checkpoint, _ = open_checkpoint(str(entry.body.get("note")), keys)
    except ValueError as error:
        return [f"{chain.path.name}: line {entry.seq + 1}: {error}"]
    if checkpoint != Checkpoint(origin=origin, size=entry.seq, head=entry.previous):
        return [f"{chain.path.name}: line {entry.seq + 1}: the checkpoint is of another chain"]
    return []


def _hold(note: str, origin: str, own: bytes | None, walk: _Walked) -> tuple[Checkpoint, str]:
    """One checkpoint of the witness, and who signed it. Raises ValueError with what does not hold."""
    introduced = [public for _, public in walk.keys.values()]
    checkpoint, signer = open_checkpoint(note, [*([own] if own else []), *introduced])
    if checkpoint.origin != origin:
        raise ValueError("it is of another chain")
    if checkpoint.size > len(walk.digests):
        raise ValueError(
            f"it saw {checkpoint.size} entries, {len(walk.digests)} hold: the chain was cut, an old copy was put back, "
            "or another copy of this workspace was gone on with on this machine"
        )
    if not checkpoint.size or walk.digests[checkpoint.size - 1] != checkpoint.head:
        raise ValueError(f"entry {checkpoint.size} is not the one it saw: the chain was rewritten")
    return checkpoint, signer


def _foreign(chain: Chain, signers: Sequence[str], first: int, trusted: Collection[str]) -> Iterator[str]:
    """One problem for each key that is not known here and signed any of these entries."""
    unknown = {signer: seq for seq, signer in reversed([*enumerate(signers, first)]) if signer not in trusted}
    for signer, seq in sorted(unknown.items(), key=lambda each: each[1]):
        count = sum(1 for each in signers if each == signer)
        who = f"key {signer}, which this machine does not know" if signer else "nobody"
        yield f"{chain.path.name}: line {seq + 1}: {count:,} entries from here on are signed by {who}"


def _notes(path: Path) -> list[str]:
    """The signed notes of a witness file, five lines each; a rest comes last and will not open."""
    try:
        with os.fdopen(read_only(path), "rb") as file:
            lines = file.readlines()
    except FileNotFoundError:
        return []
    notes = (b"".join(lines[start : start + NOTE_LINES]) for start in range(0, len(lines), NOTE_LINES))
    return [note.decode("utf-8", "replace") for note in notes]
