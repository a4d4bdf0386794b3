"""What all tests share: places of their own, what a missing system program does, and no silent skip in CI.

Hypothesis has no deadline here: kernels compile, and processors are shared.
"""

import io
import json
import os
import shutil
import signal
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import c2pa
import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ed25519
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from hypothesis import settings

# Programs of the system that tests run, with Debian's package. Where one is absent, a test that runs it is skipped.
PROGRAMS = {
    "chromium": "chromium",
    "debugfs": "e2fsprogs",
    "ewfacquire": "ewf-tools",
    "ewfinfo": "ewf-tools",
    "ewfverify": "ewf-tools",
    "exiftool": "libimage-exiftool-perl",
    "fls": "sleuthkit",
    "fsck.vfat": "dosfstools",
    "hashdeep": "hashdeep",
    "ip": "iproute2",
    "mcopy": "mtools",
    "mdel": "mtools",
    "mkfs.ext2": "e2fsprogs",
    "mkfs.ext4": "e2fsprogs",
    "mkfs.vfat": "dosfstools",
    "mkntfs": "ntfs-3g",
    "mmd": "mtools",
    "mrd": "mtools",
    "ntfscp": "ntfs-3g",
    "setpriv": "util-linux",
    "unshare": "util-linux",
}

settings.register_profile("headwater", deadline=None)
settings.load_profile("headwater")


@pytest.fixture(autouse=True, scope="session")
def own_cache(tmp_path_factory, pytestconfig):
    """Kernels compiled for tests are kept from one session to the next, but not in the user's cache."""
    kept = getattr(pytestconfig, "cache", None)
    folder = kept.mkdir("kernels") if kept else tmp_path_factory.mktemp("kernels")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(folder))
        yield


@pytest.fixture(autouse=True)
def own_configuration(tmp_path_factory, monkeypatch):
    """Keys and witness files of a test never meet the user's."""
    monkeypatch.setenv("HEADWATER_CONFIG_DIR", str(tmp_path_factory.mktemp("config")))


@pytest.fixture(autouse=True, scope="session")
def interruptible():
    """A shell's background job has SIGINT ignored, and would hand that on to the programs that tests interrupt."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


class Authority:
    """An authority for signatures that lives as long as the tests, and pictures signed in its name."""

    def __init__(self):
        self._key = ed25519.Ed25519PrivateKey.generate()
        self._name = _name("Lighthouse root")
        begun = datetime.now(UTC) - timedelta(days=4000)
        builder = _certificate(self._name, self._name, self._key, self._key, begun, begun + timedelta(days=9000))
        usage = {each: each in {"key_cert_sign", "crl_sign"} for each in _USAGES}
        self._root = (
            builder.add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
            .add_extension(x509.KeyUsage(**usage), critical=True)
            .sign(self._key, None)
        )
        self.pem = self._root.public_bytes(Encoding.PEM)

    def signer(self, *, valid_for=timedelta(days=30)):
        """A signer with a certificate of its own."""
        key, now = ed25519.Ed25519PrivateKey.generate(), datetime.now(UTC)
        subject = _name("Lighthouse keeper")
        usage = {each: each == "digital_signature" for each in _USAGES}
        leaf = (
            _certificate(subject, self._name, key, self._key, now - timedelta(days=3), now + valid_for)
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(x509.KeyUsage(**usage), critical=True)
            .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.EMAIL_PROTECTION]), critical=False)
            .sign(self._key, None)
        )
        private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        chain = leaf.public_bytes(Encoding.PEM) + self.pem
        return c2pa.Signer.from_info(c2pa.C2paSignerInfo(b"ed25519", chain, private, None))

    def sign(self, picture, *actions, media_type="image/png", ingredients=(), signer=None, url=None):
        """The picture with a manifest of these actions. ingredients: (relationship, bytes) each."""
        settings = {"builder": {"thumbnail": {"enabled": False}}, "verify": {"verify_after_sign": False}}
        offline = {"verify": {**settings["verify"], "remote_manifest_fetch": False, "ocsp_fetch": False}}
        manifest = {
            "title": "harbour",
            "claim_generator_info": [{"name": "Beacon", "version": "1"}],
            "assertions": [{"label": "c2pa.actions.v2", "data": {"actions": list(actions)}}],
        }
        builder = c2pa.Builder(json.dumps(manifest), context=c2pa.Context.from_dict({**settings, **offline}))
        for number, (relationship, data) in enumerate(ingredients):
            about = {"title": f"part {number}", "relationship": relationship, "label": f"part{number}"}
            builder.add_ingredient(json.dumps(about), media_type, io.BytesIO(data))
        if url:
            builder.set_remote_url(url)
        out = io.BytesIO()
        builder.sign(signer or self.signer(), media_type, io.BytesIO(picture), out)
        return out.getvalue()


_USAGES = (
    "digital_signature",
    "content_commitment",
    "key_encipherment",
    "data_encipherment",
    "key_agreement",
    "key_cert_sign",
    "crl_sign",
    "encipher_only",
    "decipher_only",
)


def _name(common):
    organisation = x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Lighthouse")
    return x509.Name([organisation, x509.NameAttribute(NameOID.COMMON_NAME, common)])


def _certificate(subject, issuer, key, issuing, begin, end):
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(begin)
        .not_valid_after(end)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(issuing.public_key()), critical=False)
    )


@pytest.fixture(scope="session")
def authority():
    """Who signs the tests' pictures."""
    return Authority()


@pytest.fixture(scope="session")
def another_authority():
    """One that no list names."""
    return Authority()


@contextmanager
def _absent_programs_skip():
    """Make the failure to start one of PROGRAMS a skip that names it. Any other missing file stays a failure."""
    try:
        yield
    except FileNotFoundError as error:
        name = Path(os.fsdecode(error.filename or "")).name
        if name not in PROGRAMS:
            raise
        pytest.skip(_absent(name))


def _absent(name):
    return f"needs {name} ({PROGRAMS[name]})"


@pytest.hookimpl(wrapper=True)
def pytest_runtest_setup(item):
    for marker in item.iter_markers("needs"):
        for name in marker.args:
            if shutil.which(name) is None:
                pytest.skip(_absent(name))
    with _absent_programs_skip():
        return (yield)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item):
    with _absent_programs_skip():
        return (yield)


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session, exitstatus):
    """In CI a skipped test is a failed one: the system package it wants belongs into .ci/run."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    skipped = reporter.stats.get("skipped", []) if reporter else []
    if os.environ.get("CI") and skipped and exitstatus == 0:
        reporter.write_line(f"{len(skipped)} skipped, which counts as failed in CI", red=True)
        session.exitstatus = 1
