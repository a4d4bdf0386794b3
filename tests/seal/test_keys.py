import stat

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from headwater.model.errors import DoesNotVerify, WrongUse
from headwater.seal.keys import KEY_FILE, config_folder, find_signer, key_id, load_signer, signature_holds


def test_made_once_with_tight_permissions(config):
    assert find_signer(config) is None
    first = load_signer(config)
    assert load_signer(config) == first
    assert stat.S_IMODE(config.stat().st_mode) == 0o700
    assert stat.S_IMODE((config / KEY_FILE).stat().st_mode) == 0o600
    assert [path.name for path in config.iterdir()] == [KEY_FILE]
    assert "PRIVATE" not in repr(first)


def test_the_key_id_is_of_the_public_key(signer):
    assert signer.key_id == key_id(signer.public_key)
    assert len(signer.key_id) == 16


def test_signatures(signer):
    signature = signer.sign(b"Cape lighthouse")
    Ed25519PublicKey.from_public_bytes(signer.public_key).verify(signature, b"Cape lighthouse")
    assert signature_holds(signer.public_key, signature, b"Cape lighthouse")
    assert not signature_holds(signer.public_key, signature, b"Cape Lighthouse")
    assert not signature_holds(signer.public_key[:-1], signature, b"Cape lighthouse")
    assert not signature_holds(signer.public_key, signature[:-1], b"Cape lighthouse")


@pytest.mark.parametrize(("name", "mode"), [(".", 0o755), (KEY_FILE, 0o640)])
def test_loose_permissions_are_refused(config, name, mode):
    load_signer(config)
    (config / name).chmod(mode)
    with pytest.raises(WrongUse) as caught:
        load_signer(config)
    assert caught.value.next_step.startswith("chmod ")


def test_a_link_is_refused(config, tmp_path):
    load_signer(config)
    (config / KEY_FILE).rename(tmp_path / "elsewhere.pem")
    (config / KEY_FILE).symlink_to(tmp_path / "elsewhere.pem")
    with pytest.raises(WrongUse):
        load_signer(config)


def test_a_damaged_key_is_named(config):
    load_signer(config)
    (config / KEY_FILE).write_text("not a key")
    with pytest.raises(DoesNotVerify) as caught:
        load_signer(config)
    assert caught.value.names == (str(config / KEY_FILE),)


def test_where_the_key_lives(monkeypatch, tmp_path):
    monkeypatch.delenv("HEADWATER_CONFIG_DIR", raising=False)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "xdg"))
    assert config_folder() == tmp_path / "xdg" / "headwater"
    monkeypatch.setenv("XDG_CONFIG_HOME", "relative")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert config_folder() == tmp_path / ".config" / "headwater"
    monkeypatch.setenv("HEADWATER_CONFIG_DIR", str(tmp_path / "own"))
    assert config_folder() == tmp_path / "own"
