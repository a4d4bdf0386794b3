"""What browsers keep of visits to online generators: which service, how often, when. Other visits are not kept.

Sources: chromium.googlesource.com, components/history/core/browser/url_database.cc (table ``urls``, times since 1601);
searchfox.org, toolkit/components/places (table ``moz_places``, times since 1970). The services are those that the
provenance records of their pictures name, and public lists of image generators.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from headwater.examine.producer_records.told import Value, host, number, said, since_1601, since_1970, word
from headwater.formats.sqlite import Database
from headwater.model.finding import Seen

SERVICES = frozenset({
    "bfl.ai", "bing.com/images/create", "chatgpt.com", "civitai.com", "clipdrop.co", "craiyon.com", "deepai.org",
    "dezgo.com", "dreamstudio.ai", "fal.ai", "firefly.adobe.com", "gemini.google.com", "getimg.ai", "grok.com",
    "huggingface.co", "ideogram.ai", "krea.ai", "labs.openai.com", "leonardo.ai", "mage.space", "midjourney.com",
    "nightcafe.studio", "novelai.net", "pixai.art", "playground.com", "recraft.ai", "replicate.com", "runwayml.com",
    "seaart.ai", "sora.com", "stability.ai", "tensor.art", "x.ai",
})  # fmt: skip
_URLS = "SELECT * FROM urls"
_PLACES = "SELECT * FROM moz_places"
_PAGES_MAX, _PAGE_LETTERS = 20, 200


@dataclass(slots=True)
class _Service:
    visits: int = 0
    addresses: int = 0
    last_at: str = ""
    pages: set[str] = field(default_factory=set)


def read_chromium_visits(database: Database) -> Iterator[Seen]:
    """One finding for each service. Raises EvidenceError."""
    rows = database.rows(_URLS)
    yield from _services("chromium", ((row, since_1601(row.get("last_visit_time"))) for row in rows))


def read_firefox_visits(database: Database) -> Iterator[Seen]:
    """Likewise."""
    rows = database.rows(_PLACES)
    yield from _services("firefox", ((row, since_1970(row.get("last_visit_date"))) for row in rows))


def service_of(address: str) -> str:
    """The generator that an address belongs to; empty where it is of none. Subdomains count."""
    name = host(address) or ""
    path = address.partition("://")[2].partition("/")[2]
    for service in SERVICES:
        domain, _, begin = service.partition("/")
        if (name == domain or name.endswith(f".{domain}")) and path.startswith(begin):
            return service
    return ""


def _services(program: str, rows: Iterable[tuple[Value, str | None]]) -> Iterator[Seen]:
    found: dict[str, _Service] = {}
    for row, at in rows:
        address = word(row.get("url")) or ""
        service = service_of(address)
        if not service:
            continue
        one = found.setdefault(service, _Service())
        one.addresses += 1
        one.visits += int(number(row.get("visit_count")) or 0)
        one.last_at = max(one.last_at, at or "")
        if len(one.pages) < _PAGES_MAX:  # without what stands behind a question mark, which may be a prompt
            one.pages.add(address.partition("?")[0].partition("#")[0][:_PAGE_LETTERS])
    for service, one in sorted(found.items()):
        yield said(
            "record.visit", program=program, carrier="history", service=service, visits=one.visits,
            addresses=one.addresses, last_at=one.last_at, pages=sorted(one.pages),
        )  # fmt: skip
