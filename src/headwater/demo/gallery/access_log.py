"""The web server's log, from what was done: sign-in, pages, payments, uploads and downloads of each visit."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from headwater.demo.gallery.deals import Deal
from headwater.demo.gallery.downloads import Download
from headwater.demo.gallery.uploads import Upload
from headwater.demo.gallery.visits import Visit
from headwater.demo.story import Story


@dataclass(frozen=True, slots=True, kw_only=True)
class _Line:
    at: datetime
    visit: Visit
    request: str
    status: int
    size_bytes: int
    from_page: str


def access_log(
    story: Story, visits: Iterable[Visit], deals: list[Deal], uploads: list[Upload], downloads: list[Download]
) -> list[tuple[datetime, str]]:
    """Give the lines, in the combined log format and the order of time, each with its moment."""
    lines: list[_Line] = []
    for visit in visits:
        lines += _pages(story, visit)
    lines += [
        _line(deal.visit, deal.paid, f"POST /buy/{deal.album}", 303, 0, f"/albums/{deal.album}") for deal in deals
    ]
    lines += [_line(one.visit, one.at, "POST /upload", 201, 64, "/upload") for one in uploads]
    lines += [
        _line(
            one.visit, one.at, f"GET {_address(one.upload)}", 200, len(one.upload.placed.data),
            f"/albums/{one.upload.album}",
        )
        for one in downloads
    ]  # fmt: skip
    lines.sort(key=lambda line: (line.at, line.visit.account.account, line.request))
    return [(line.at, _text(story, line)) for line in lines]


def _address(upload: Upload) -> str:
    return upload.placed.path.decode().removeprefix("srv/platform")


def _line(visit: Visit, at: datetime, request: str, status: int, size: int, page: str) -> _Line:
    return _Line(at=at, visit=visit, request=request, status=status, size_bytes=size, from_page=page)


def _pages(story: Story, visit: Visit) -> list[_Line]:
    """Sign in, look at the list of albums, and at the outside of one."""
    number = visit.account.account
    album = story.albums[(number + visit.start.second) % len(story.albums)]
    begin = "POST /register" if visit.start == visit.account.created else "POST /login"
    seconds = 2 + number % 53
    return [
        _line(visit, visit.start, begin, 303, 0, "/"),
        _line(visit, visit.start + timedelta(seconds=seconds), "GET /albums", 200, 4_210, "/"),
        _line(visit, visit.start + timedelta(seconds=2 * seconds), f"GET /albums/{album}", 200, 9_034, "/albums"),
    ]


def _text(story: Story, line: _Line) -> str:
    account, at = line.visit.account, line.at
    moment = f"{at:%d/}{_MONTHS[at.month - 1]}{at:/%Y:%H:%M:%S +0000}"
    return (
        f'{line.visit.address} - {account.handle} [{moment}] "{line.request} HTTP/1.1" {line.status} {line.size_bytes}'
        f' "https://{story.platform}.example{line.from_page}" "{account.person.agent}"\n'
    )


_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")  # in no locale
