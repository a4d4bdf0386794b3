from base64 import b64decode
from hashlib import sha256

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from hypothesis import given
from hypothesis import strategies as st

from headwater.model.errors import WrongUse
from headwater.seal.chain import Chain
from headwater.seal.checkpoint import Checkpoint, open_checkpoint, sign_checkpoint
from headwater.seal.keys import load_signer
from headwater.seal.witness import add_checkpoint, check_checkpoints, holds_head, witness_path

ORIGIN = "headwater.example/custody/0a1b"
PUBLIC = bytes.fromhex("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a")  # RFC 8032, 7.1, test 1


@pytest.fixture
def witness(config):
    return witness_path(config, "0a1b")


@pytest.fixture
def sealed(make_chain, signer, witness):
    chain = make_chain(4)
    add_checkpoint(chain, ORIGIN, witness)
    return chain


def problems(chain, signer, witness):
    return check_checkpoints(chain, ORIGIN, witness, signer.public_key).problems


def test_the_note_is_laid_out_as_c2sp_says(signer):
    note = sign_checkpoint(Checkpoint(origin=ORIGIN, size=7, head="ab" * 32), signer)
    origin, size, head, empty, signature = note.removesuffix("\n").split("\n")
    assert (origin, size, b64decode(head), empty) == (ORIGIN, "7", b"\xab" * 32, "")
    dash, name, encoded = signature.split(" ")
    assert (dash, name) == ("\N{EM DASH}", f"headwater-{signer.key_id}")
    raw = b64decode(encoded)
    assert raw[:4] == sha256(name.encode() + b"\n\x01" + signer.public_key).digest()[:4]
    Ed25519PublicKey.from_public_bytes(signer.public_key).verify(raw[4:], f"{origin}\n{size}\n{head}\n".encode())
    checkpoint, whose = open_checkpoint(note, [PUBLIC, signer.public_key])
    assert (checkpoint.size, whose) == (7, signer.key_id)


def test_every_flipped_byte_of_a_note_is_found(signer):
    note = sign_checkpoint(Checkpoint(origin=ORIGIN, size=7, head="ab" * 32), signer).encode()
    for offset in range(len(note)):
        changed = note[:offset] + bytes([note[offset] ^ 1]) + note[offset + 1 :]
        with pytest.raises(ValueError):  # noqa: PT011 - the words differ, the verdict must not
            open_checkpoint(changed.decode("utf-8", "replace"), [signer.public_key])


@given(st.text())
def test_any_text_opens_or_is_refused(text):
    with pytest.raises(ValueError):  # noqa: PT011 - likewise
        open_checkpoint(text, [PUBLIC])


def test_what_was_sealed_holds_and_may_grow(sealed, signer, witness):
    report = check_checkpoints(sealed, ORIGIN, witness, signer.public_key)
    assert (report.in_chain, report.in_witness, report.problems) == (1, 1, ())
    head = sealed.head()
    sealed.append("note", {})
    add_checkpoint(sealed, ORIGIN, witness)
    report = check_checkpoints(sealed, ORIGIN, witness, signer.public_key)
    assert (report.in_chain, report.in_witness, report.problems) == (2, 2, ())
    assert [entry.kind for entry in sealed.entries()].count("key") == 1
    assert holds_head(sealed, head.upper())
    assert not holds_head(sealed, "00" * 32)


@pytest.mark.parametrize("cut", [1, 2, 5, 6])
def test_a_chain_cut_at_its_end_is_found(sealed, signer, witness, cut):
    lines = sealed.path.read_bytes().splitlines(keepends=True)
    sealed.path.write_bytes(b"".join(lines[:-cut]))
    assert sealed.verify().problems == ()  # the chain alone cannot know
    assert "cut, an old copy was put back" in problems(sealed, signer, witness)[0]


def test_yesterdays_chain_grown_anew_is_found(sealed, signer, witness):
    yesterday = sealed.path.read_bytes()
    sealed.append("note", {"today": 1})
    add_checkpoint(sealed, ORIGIN, witness)
    sealed.path.write_bytes(yesterday)
    for number in range(5):
        sealed.append("note", {"another today": number})
    assert sealed.verify().problems == ()
    assert "rewritten" in problems(sealed, signer, witness)[0]


def test_two_heads_of_one_size_are_found(sealed, signer, witness):
    other = Checkpoint(origin=ORIGIN, size=3, head="cd" * 32)
    with witness.open("a", encoding="utf-8") as file:
        file.write(sign_checkpoint(other, signer))
    assert "entry 3" in problems(sealed, signer, witness)[0]


def test_every_flipped_byte_of_the_witness_is_found(sealed, signer, witness):
    data = witness.read_bytes()
    for offset in range(len(data)):
        witness.write_bytes(data[:offset] + bytes([data[offset] ^ 1]) + data[offset + 1 :])
        found = problems(sealed, signer, witness)
        assert found, f"byte {offset} went unseen"
        assert found[0].startswith("0a1b.log")


@pytest.mark.parametrize("kept", [1, 40, -1])
def test_a_note_that_a_crash_cut_short_does_not_spoil_the_next(sealed, signer, witness, kept):
    whole = witness.read_bytes()
    add_checkpoint(sealed, ORIGIN, witness)
    witness.write_bytes(whole + witness.read_bytes()[len(whole) :][:kept])
    assert problems(sealed, signer, witness)
    add_checkpoint(sealed, ORIGIN, witness)
    report = check_checkpoints(sealed, ORIGIN, witness, signer.public_key)
    assert (report.in_witness, report.problems) == (2, ())


def test_a_checkpoint_of_a_key_that_the_chain_never_met_is_refused(sealed, signer, tmp_path, witness):
    stranger = load_signer(tmp_path / "stranger")
    note = sign_checkpoint(Checkpoint(origin=ORIGIN, size=1, head=next(sealed.entries()).digest), stranger)
    witness.write_text(note)
    assert "not known here" in problems(sealed, signer, witness)[0]


def test_a_new_key_after_the_old_one_was_lost_does_not_spoil_the_operation(sealed, tmp_path, witness):
    new = load_signer(tmp_path / "new")
    later = Chain(sealed.path, new)
    add_checkpoint(later, ORIGIN, witness)
    later.append("note", {})
    report = check_checkpoints(sealed, ORIGIN, witness, new.public_key)
    assert (report.in_witness, report.problems) == (2, ())
    assert report.signers[new.key_id] == 3


def test_entries_by_another_key_after_the_last_checkpoint_are_named_unless_accepted(sealed, signer, tmp_path, witness):
    stranger = load_signer(tmp_path / "stranger")
    theirs = Chain(sealed.path, stranger)
    theirs.introduce()
    theirs.append("note", {"forged": True})
    (problem,) = problems(sealed, signer, witness)
    assert "2 entries from here on are signed by key " + stranger.key_id in problem
    report = check_checkpoints(sealed, ORIGIN, witness, signer.public_key, (stranger.key_id,))
    assert report.problems == ()
    add_checkpoint(sealed, ORIGIN, witness)  # who signs after them vouches for them
    assert problems(sealed, signer, witness) == ()


def test_on_another_machine_only_the_keys_asked_for_may_have_signed(sealed, signer, tmp_path):
    nowhere = tmp_path / "none.log"
    assert check_checkpoints(sealed, ORIGIN, nowhere, None).problems == ()
    assert check_checkpoints(sealed, ORIGIN, nowhere, None, (signer.key_id,)).problems == ()
    (problem,) = check_checkpoints(sealed, ORIGIN, nowhere, None, ("ab" * 8,)).problems
    assert signer.key_id in problem


def test_a_checkpoint_of_another_chain_is_refused(sealed, signer, witness, tmp_path):
    other = Chain(tmp_path / "other.jsonl", signer)
    add_checkpoint(other, "headwater.example/custody/ffff", witness)
    assert "another chain" in problems(sealed, signer, witness)[0]


def test_another_machine_has_no_witness(sealed, signer, tmp_path):
    report = check_checkpoints(sealed, ORIGIN, tmp_path / "none.log", signer.public_key)
    assert (report.in_chain, report.in_witness, report.problems) == (1, 0, ())


@pytest.mark.parametrize("name", ["", "../x", "a/b", "é"])
def test_only_plain_words_name_a_witness(config, name):
    with pytest.raises(WrongUse):
        witness_path(config, name)
