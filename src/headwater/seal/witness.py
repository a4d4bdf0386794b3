"""Checkpoints kept outside the workspace, so that a chain cut at its end, or an old copy put back, is found."""

import fcntl
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from headwater.model.canonical import Json
from headwater.model.errors import DoesNotVerify, WrongUse
from headwater.seal.chain import Chain
from headwater.seal.checkpoint import NOTE_LINES, Checkpoint, open_checkpoint, sign_checkpoint
from headwater.seal.entry import FIRST, ChainEntry
from headwater.seal.files import read_only, sync_folder
from headwater.seal.keys import Signer, key_id

KEY = "key"  # kind of the chain entry that introduces a public key
CHECKPOINT = "checkpoint"


@dataclass(frozen=True, slots=True, kw_only=True)
class WitnessReport:
    """checkpoints: how many inside the chain and in the witness file were read. problems: what does not hold."""

    in_chain: int
    in_witness: int
    problems: tuple[str, ...]


def witness_path(config: Path, name: str) -> Path:
    """Where the checkpoints of the operation with this id are kept. Raises WrongUse for an id that is no plain word."""
    if not name or not all(letter.isascii() and (letter.isalnum() or letter == "-") for letter in name):
        raise WrongUse(f"not an operation id: {name!r}", next_step="It is set by headwater init and never edited.")
    return config / "witness" / f"{name}.log"


def add_checkpoint(chain: Chain, origin: str, signer: Signer, witness: Path) -> Checkpoint:
    """Sign the chain as it stands, in the chain itself and in the witness file, and return what the witness holds.

    The checkpoint in the chain covers the entries before it; the one in the witness covers that entry too, so that even
    the last entry cannot be taken off unseen. Print the returned head on a hand-over sheet: `verify --head` reads it.
    """
    _introduce(chain, signer)
    last = chain.settle()
    inside = Checkpoint(origin=origin, size=last.seq + 1 if last else 0, head=last.digest if last else FIRST)
    entry = chain.append(CHECKPOINT, {"note": sign_checkpoint(inside, signer)})
    if entry.previous != inside.head:
        raise DoesNotVerify(f"{chain.path.name}: another process wrote meanwhile", names=(str(chain.path),))
    outside = Checkpoint(origin=origin, size=entry.seq + 1, head=entry.digest)
    _append_note(witness, sign_checkpoint(outside, signer))
    return outside


def _introduce(chain: Chain, signer: Signer) -> None:
    body = {"algorithm": "Ed25519", "key_id": signer.key_id, "public_key": signer.public_key.hex()}
    if not any(entry.kind == KEY and entry.body == body for entry in chain.entries()):
        chain.append(KEY, body)


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


def check_checkpoints(chain: Chain, origin: str, witness: Path, trusted: bytes | None) -> WitnessReport:
    """Hold the chain against its own checkpoints and against the witness file.

    trusted: this user's public key; the notes in the witness must be signed by it. A chain without a witness here
    (another machine's) gives `in_witness` 0, which is no problem by itself.
    """
    digests: list[str] = []
    keys: set[bytes] = set()
    problems: list[str] = []
    in_chain = 0
    try:
        for entry in chain.entries():
            if entry.kind == KEY:
                keys |= _key_of(entry.body)
            elif entry.kind == CHECKPOINT:
                in_chain += 1
                problems += _inside_faults(chain, entry, origin, keys)
            digests.append(entry.digest)
    except DoesNotVerify as error:
        problems.append(error.message)
    notes = _notes(witness)
    for number, note in enumerate(notes, 1):
        fault = _outside_fault(note, origin, trusted, digests)
        if fault:
            problems.append(f"{witness.name}: checkpoint {number}: {fault}")
    return WitnessReport(in_chain=in_chain, in_witness=len(notes), problems=tuple(problems))


def holds_head(chain: Chain, head: str) -> bool:
    """Whether a head known from outside is an entry of this chain (it may have grown since)."""
    return any(entry.digest == head.lower() for entry in chain.entries())


def _key_of(body: Mapping[str, Json]) -> set[bytes]:
    try:
        public = bytes.fromhex(str(body.get("public_key")))
    except ValueError:
        return set()
    return {public} if body.get("key_id") == key_id(public) else set()


def _inside_faults(chain: Chain, entry: ChainEntry, origin: str, keys: set[bytes]) -> list[str]:
    try:
        checkpoint = open_checkpoint(str(entry.body.get("note")), keys)
    except ValueError as error:
        return [f"{chain.path.name}: line {entry.seq + 1}: {error}"]
    if checkpoint != Checkpoint(origin=origin, size=entry.seq, head=entry.previous):
        return [f"{chain.path.name}: line {entry.seq + 1}: the checkpoint is of another chain"]
    return []


def _outside_fault(note: str, origin: str, trusted: bytes | None, digests: list[str]) -> str:
    try:
        checkpoint = open_checkpoint(note, [trusted] if trusted else [])
    except ValueError as error:
        return str(error)
    if checkpoint.origin != origin:
        return "it is of another chain"
    if checkpoint.size > len(digests):
        return f"it saw {checkpoint.size} entries, {len(digests)} hold: the chain was cut or an old copy put back"
    if not checkpoint.size or digests[checkpoint.size - 1] != checkpoint.head:
        return f"entry {checkpoint.size} is not the one it saw: the chain was rewritten"
    return ""


def _notes(path: Path) -> list[str]:
    """The signed notes of a witness file, five lines each; a rest comes last and will not open."""
    try:
        with os.fdopen(read_only(path), "rb") as file:
            lines = file.readlines()
    except FileNotFoundError:
        return []
    notes = (b"".join(lines[start : start + NOTE_LINES]) for start in range(0, len(lines), NOTE_LINES))
    return [note.decode("utf-8", "replace") for note in notes]
