"""The browser's history on the laptop: a Chromium `History` file with its tables urls, visits and downloads."""

from collections.abc import Sequence
from datetime import UTC, datetime
from uuid import UUID

from headwater.demo.gallery.downloads import Download
from headwater.demo.placed import Placed
from headwater.demo.story import Story
from headwater.demo.tables import Rows, Table, build_sqlite

_EPOCH = datetime(1601, 1, 1, tzinfo=UTC)
_BROWSER = 504


def _time(moment: datetime) -> int:
    """Count microseconds since 1601, as Chromium does."""
    return int((moment - _EPOCH).total_seconds()) * 1_000_000


def browser_history(story: Story, fetched: Sequence[tuple[Download, Placed]]) -> Placed:
    """Tell of every picture that was downloaded: from where, to where, when."""
    site = f"https://{story.platform}.example"
    urls: Rows = []
    visits: Rows = []
    downloads: Rows = []
    for number, (one, placed) in enumerate(fetched, 1):
        page, at = f"{site}/albums/{one.upload.album}", _time(one.at)
        address = f"{site}/uploads/{one.upload.stored_name[:2]}/{one.upload.stored_name}"
        urls.append((number, address, one.upload.stored_name, 1, 0, at, 0))
        visits.append((number, number, at, 0, 805306368, 4_000_000))
        target = "C:\\Users\\user\\" + placed.path.decode().replace("/", "\\")
        guid = str(UUID(bytes=story.rng(_BROWSER, number).bytes(16), version=4))
        size = len(placed.data)
        downloads.append(
            (number, guid, target, target, at, size, size, 1, 0, 0, at + 2_000_000, 0, at, page, site, "image/jpeg")
        )
    data = build_sqlite([
        Table(name="meta", columns=("key TEXT PRIMARY KEY", "value TEXT"), rows=[("version", "58")]),
        Table(
            name="urls", rows=urls,
            columns=("id INTEGER PRIMARY KEY AUTOINCREMENT", "url TEXT", "title TEXT", "visit_count INTEGER",
                     "typed_count INTEGER", "last_visit_time INTEGER", "hidden INTEGER"),
        ),
        Table(
            name="visits", rows=visits,
            columns=("id INTEGER PRIMARY KEY", "url INTEGER", "visit_time INTEGER", "from_visit INTEGER",
                     "transition INTEGER", "visit_duration INTEGER"),
        ),
        Table(
            name="downloads", rows=downloads,
            columns=("id INTEGER PRIMARY KEY", "guid TEXT", "current_path TEXT", "target_path TEXT",
                     "start_time INTEGER", "received_bytes INTEGER", "total_bytes INTEGER", "state INTEGER",
                     "danger_type INTEGER", "interrupt_reason INTEGER", "end_time INTEGER", "opened INTEGER",
                     "last_access_time INTEGER", "referrer TEXT", "site_url TEXT", "mime_type TEXT"),
        ),
    ])  # fmt: skip
    last = max(placed.modified for _, placed in fetched)
    return Placed(
        path=b"AppData/Local/Browser/User Data/Default/History", data=data, modified=last,
        media_type="application/vnd.sqlite3",
    )  # fmt: skip
