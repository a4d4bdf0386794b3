"""SRV-01, the platform's server: uploads named by their hash, settings, logs; beside them a dump of its database."""

from dataclasses import dataclass
from datetime import timedelta

from headwater.demo import pictures
from headwater.demo.gallery.access_log import access_log
from headwater.demo.gallery.dump import platform_tables
from headwater.demo.gallery.history import Platform
from headwater.demo.packers import build_gzip, build_tar
from headwater.demo.placed import Placed
from headwater.demo.story import Story, dream
from headwater.demo.tables import build_csv, build_sqlite
from headwater.demo.traces import stripped

_SERVER = 406
_LOG_DAYS = 10  # that one log holds; the oldest holds all before


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """The exhibit: what lies on its own, what lies in the archive (paths within it), and the archive's name."""

    outside: tuple[Placed, ...]
    inside: tuple[Placed, ...]
    archive: bytes


def build_server(story: Story, platform: Platform) -> Server:
    """Pack the archive of the server, and beside it the dump of its database, as SQLite and as CSV."""
    seized = story.days.server_seized
    inside, unpacked = _files(story, platform)
    name = f"server.tar.{story.layout.packing}".encode()
    packed = build_tar(inside, story.layout.packing, seized)
    outside = [Placed(path=name, data=packed, modified=seized), *_dump(story, platform)]
    return Server(outside=tuple(outside), inside=(*inside, *unpacked), archive=name)


def _dump(story: Story, platform: Platform) -> list[Placed]:
    at = story.days.server_seized + timedelta(hours=1)
    tables = platform_tables(story, platform.accounts, platform.visits, platform.deals, platform.uploads)
    files = [Placed(path=b"dump/platform.sqlite", data=build_sqlite(tables), modified=at)]
    return files + [
        Placed(path=f"dump/csv/{table.name}.csv".encode(), data=build_csv(table), modified=at) for table in tables
    ]


def _files(story: Story, platform: Platform) -> tuple[list[Placed], list[Placed]]:
    """Give the archive's members, and what lies inside those that are packed themselves."""
    set_up = story.days.opened - timedelta(days=1)
    name = story.platform
    logo = pictures.encode_png(dream(story, 256, 256, _SERVER, 2))
    content: list[tuple[str, bytes]] = [
        ("etc/hostname", f"{name}\n".encode()),
        ("srv/platform/config.ini", f"[site]\nname = {name}\nprice_cents = 500\ncurrency = EUR\n".encode()),
        ("srv/platform/static/index.html", f"<!doctype html><title>{name}</title><h1>Albums</h1>\n".encode()),
        ("srv/platform/uploads/.keep", b""),
    ]
    files = [Placed(path=path.encode(), data=data, modified=set_up) for path, data in content]
    files.append(
        Placed(
            path=b"srv/platform/static/logo.png", data=logo, modified=set_up,
            traces=stripped("generated", "the platform's sign carries nothing"),
        )
    )  # fmt: skip
    logs, unpacked = _logs(story, platform)
    return [*(one.placed for one in platform.uploads), *files, *logs], unpacked


def _logs(story: Story, platform: Platform) -> tuple[list[Placed], list[Placed]]:
    """Cut the log as it was rotated: the last days, those before, and all that is older, packed."""
    visits = [visit for mine in platform.visits.values() for visit in mine]
    lines = access_log(story, visits, platform.deals, platform.uploads, platform.downloads)
    cuts = [story.days.server_seized - timedelta(days=_LOG_DAYS * place) for place in (1, 2)]
    folder = b"var/log/nginx/access.log"
    newest, middle, oldest = (
        "".join(line for at, line in lines if low <= at < high).encode()
        for low, high in ((cuts[0], story.days.subscriber_seized), (cuts[1], cuts[0]), (story.days.begin, cuts[1]))
    )
    packed = build_gzip(oldest, "access.log.2", cuts[1])
    logs = [
        Placed(path=folder, data=newest, modified=story.days.server_seized),
        Placed(path=folder + b".1", data=middle, modified=cuts[0]),
        Placed(path=folder + b".2.gz", data=packed, modified=cuts[1]),
    ]
    return logs, [Placed(path=folder + b".2.gz/access.log.2", data=oldest, modified=cuts[1])]
