"""SRV-01, the platform's server: uploads named by their hash, logs, and a dump of its database."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from hashlib import sha1, sha256

import numpy as np

from headwater.demo import pictures
from headwater.demo.persons import Account
from headwater.demo.placed import Placed
from headwater.demo.scenes import Pixels
from headwater.demo.story import Story, dream, make_all
from headwater.demo.tables import Cell, Table
from headwater.demo.workstation import Output

CHANGES = ("reencoded", "reencoded", "bordered", "mirrored", "cropped")
_UPLOAD, _FOREIGN, _PAYMENT, _SESSION, _LOG, _PASSWORD = 401, 402, 403, 404, 405, 406
_ALBUMS = ("harbour", "storm", "night", "fog", "summer")


@dataclass(frozen=True, slots=True, kw_only=True)
class Upload:
    """One picture on the platform. `output` is what it was made from; None where another user made it elsewhere."""

    placed: Placed
    output: Output | None
    change: str
    account: int
    original_name: str

    @property
    def stored_name(self) -> str:
        """The name the platform gave it: its SHA-1."""
        return self.placed.path.rsplit(b"/", 1)[-1].decode()


def make_uploads(story: Story, outputs: tuple[Output, ...], accounts: list[Account]) -> list[Upload]:
    """Make copies of the producer's outputs, changed on the way, and some pictures of other people's making."""
    eligible = [one for one in outputs if one.tool in {"ComfyUI", "A1111"}]
    rng = story.rng(_UPLOAD)
    chosen = rng.permutation(len(eligible))[: story.size.uploads]
    picked = [(eligible[int(which)], CHANGES[place % len(CHANGES)]) for place, which in enumerate(chosen)]
    copies = make_all([partial(_copy, story, place, *pair) for place, pair in enumerate(picked)])
    foreign = make_all([partial(_foreign, story, index) for index in range(story.size.foreign_uploads)])
    producer = accounts[0].account
    uploads = [
        _upload(story, place, data, output, change, producer)
        for place, ((output, change), data) in enumerate(zip(picked, copies, strict=True))
    ]
    for index, data in enumerate(foreign):
        owner = accounts[int(rng.integers(1, len(accounts)))].account
        uploads.append(_upload(story, 10_000 + index, data, None, "", owner))
    return uploads


def _upload(story: Story, place: int, data: bytes, output: Output | None, change: str, account: int) -> Upload:
    name = sha1(data, usedforsecurity=False).hexdigest()
    path = f"srv/platform/uploads/{name[:2]}/{name}.jpg".encode()
    original = output.placed.path.rsplit(b"/", 1)[-1].decode() if output else f"image{place}.jpg"
    moment = story.moment(story.rng(_UPLOAD, place, 3)) + timedelta(days=10)
    placed = Placed(path=path, data=data, modified=moment)
    return Upload(placed=placed, output=output, change=change, account=account, original_name=original)


def _copy(story: Story, place: int, output: Output, change: str) -> bytes:
    """Do as the platform does: strip all metadata, write JPEG of its own; some users change the picture first."""
    rng = story.rng(_UPLOAD, place, 1)
    pixels = _changed(pictures.decode(output.placed.data), change, rng)
    height, width = pixels.shape[:2]
    scale = float(rng.uniform(0.8, 1.0)) if change == "reencoded" else 1.0
    if scale < 0.97:
        pixels = pictures.resize(pixels, round(width * scale), round(height * scale))
    return pictures.encode_jpeg(pixels, quality=int(rng.integers(72, 90)))


def _changed(pixels: Pixels, change: str, rng: np.random.Generator) -> Pixels:
    if change == "bordered":
        return pictures.border(pixels, float(rng.uniform(0.02, 0.05)), int(rng.integers(0, 256)))
    if change == "mirrored":
        return pictures.mirror(pixels)
    return pictures.crop(pixels, float(rng.uniform(0.02, 0.06))) if change == "cropped" else pixels


def _foreign(story: Story, index: int) -> bytes:
    return pictures.encode_jpeg(dream(story, 512, 640, _FOREIGN, index), quality=80)


def server_files(story: Story, uploads: list[Upload], accounts: list[Account]) -> list[Placed]:
    """Make what the archive of the server holds besides the uploads: settings, pages, the access log."""
    moment = story.moment(story.rng(_LOG, 1)) + timedelta(days=30)
    lines = access_log(story, uploads, accounts)
    half = len(lines) // 2
    content: list[tuple[str, bytes]] = [
        ("etc/hostname", f"{story.platform}\n".encode()),
        ("srv/platform/config.ini", f"[site]\nname = {story.platform}\nprice_cents = 500\ncurrency = EUR\n".encode()),
        ("srv/platform/static/index.html", f"<!doctype html><title>{story.platform}</title><h1>Albums</h1>\n".encode()),
        ("srv/platform/static/logo.png", pictures.encode_png(dream(story, 256, 256, _LOG, 2))),
        ("srv/platform/uploads/.keep", b""),
        ("var/log/nginx/access.log.1", "".join(lines[:half]).encode()),
        ("var/log/nginx/access.log", "".join(lines[half:]).encode()),
    ]
    return [Placed(path=path.encode(), data=data, modified=moment) for path, data in content]


def access_log(story: Story, uploads: list[Upload], accounts: list[Account]) -> list[str]:
    """Write lines of the combined log format, in the order of time."""
    rng = story.rng(_LOG)
    count = story.size.requests
    who, what = rng.integers(0, len(accounts), count), rng.integers(0, len(uploads), count)
    when = np.sort(rng.integers(0, 100 * 86_400, count))
    start = datetime.fromisoformat("2024-03-12T00:00:00+00:00")
    lines = []
    for account_at, upload_at, second in zip(who.tolist(), what.tolist(), when.tolist(), strict=True):
        account, placed = accounts[account_at], uploads[upload_at].placed
        address = account.person.addresses[(account_at + second) % len(account.person.addresses)]
        stamp = (start + timedelta(seconds=second)).strftime("%d/%b/%Y:%H:%M:%S +0000")
        path = placed.path.decode().removeprefix("srv/platform")
        lines.append(
            f'{address} - {account.handle} [{stamp}] "GET {path} HTTP/1.1" 200 {len(placed.data)} '
            f'"https://{story.platform}.example/album" "{account.person.agent}"\n'
        )
    return lines


def platform_tables(story: Story, uploads: list[Upload], accounts: list[Account]) -> list[Table]:
    """Fill the platform's database: accounts, payments, sessions, passwords bought, uploads."""
    payments = _payments(story, accounts)
    return [
        Table(
            name="accounts",
            columns=("id INTEGER PRIMARY KEY", "handle TEXT", "email TEXT", "full_name TEXT", "country TEXT",
                     "password_hash TEXT", "created_at TEXT", "created_ip TEXT"),
            rows=[
                (one.account, one.handle, one.email, one.full_name or None, one.country or None, _secret(one),
                 one.created.isoformat(), one.created_ip)
                for one in accounts
            ],
        ),
        Table(
            name="payments",
            columns=("id INTEGER PRIMARY KEY", "account_id INTEGER", "payer_name TEXT", "billing_street TEXT",
                     "amount_cents INTEGER", "currency TEXT", "card_fingerprint TEXT", "paid_at TEXT",
                     "reference TEXT"),
            rows=payments,
        ),
        Table(
            name="sessions",
            columns=("id INTEGER PRIMARY KEY", "account_id INTEGER", "ip TEXT", "port INTEGER", "started_at TEXT",
                     "ended_at TEXT", "user_agent TEXT"),
            rows=_sessions(story, accounts),
        ),
        Table(
            name="passwords_bought",
            columns=("id INTEGER PRIMARY KEY", "account_id INTEGER", "payment_id INTEGER", "album TEXT",
                     "bought_at TEXT"),
            rows=[(row[0], row[1], row[0], _ALBUMS[int(row[0] or 0) % len(_ALBUMS)], row[7]) for row in payments],
        ),
        Table(
            name="uploads",
            columns=("id INTEGER PRIMARY KEY", "account_id INTEGER", "stored_name TEXT", "original_name TEXT",
                     "sha256 TEXT", "size_bytes INTEGER", "album TEXT", "uploaded_at TEXT"),
            rows=[
                (number, one.account, one.stored_name, one.original_name, one.placed.sha256,
                 len(one.placed.data), _ALBUMS[number % len(_ALBUMS)],
                 one.placed.modified.isoformat())
                for number, one in enumerate(uploads, 1)
            ],
        ),
    ]  # fmt: skip


def _secret(account: Account) -> str:
    return sha256(f"{account.account}:{account.handle}".encode()).hexdigest()[:40]


def _payments(story: Story, accounts: list[Account]) -> list[tuple[Cell, ...]]:
    """Sell for 5 EUR each, by about a third of the accounts; the payer's name is at times a relative's."""
    rng = story.rng(_PAYMENT)
    rows: list[tuple[Cell, ...]] = []
    for account in accounts:
        for _ in range(int(rng.integers(1, 4)) if rng.random() < 0.34 else 0):
            payer = account.person.name if rng.random() < 0.93 else f"A. {account.person.name.split()[-1]}"
            moment = account.created + timedelta(minutes=int(rng.integers(5, 60 * 24 * 30)))
            number = len(rows) + 1
            rows.append(
                (number, account.account, payer, account.person.street, 500, "EUR", account.person.card,
                 moment.isoformat(), f"ALBUM-{number:06d}")
            )  # fmt: skip
    return rows


def _sessions(story: Story, accounts: list[Account]) -> list[tuple[Cell, ...]]:
    """Log two to four sessions an account, from home, from a mobile network, through an exit many use."""
    rng = story.rng(_SESSION)
    rows: list[tuple[Cell, ...]] = []
    for account in accounts:
        for _ in range(int(rng.integers(2, 5))):
            start = account.created + timedelta(minutes=int(rng.integers(0, 60 * 24 * 60)))
            end = start + timedelta(minutes=int(rng.integers(1, 90)))
            address = account.person.addresses[int(rng.integers(len(account.person.addresses)))]
            port = int(rng.integers(1024, 65_536)) if rng.random() < 0.8 else None
            times = (start.isoformat(), end.isoformat())
            rows.append((len(rows) + 1, account.account, address, port, *times, account.person.agent))
    return rows
