"""What browsers keep of downloads: Chromium's `History` and Firefox's `places.sqlite`.

Sources: chromium.googlesource.com, components/history/core/browser/download_database.cc (times are microseconds since
1601; the last address of a chain is where the bytes came from); searchfox.org, toolkit/components/downloads
(DownloadHistory: annotations ``downloads/destinationFileURI`` and ``downloads/metaData`` of a place; microseconds since
1970). All browsers that are built on either keep the same tables.
"""

from collections import defaultdict
from collections.abc import Iterator

from headwater.examine.producer_records.told import (
    Value,
    host,
    number,
    parsed,
    said,
    silence,
    since_1601,
    since_1970,
    word,
)
from headwater.formats.generators.strict_json import as_object
from headwater.formats.sqlite import Database
from headwater.model.finding import Seen, State

_DOWNLOADS = "SELECT * FROM downloads"
_CHAINS = "SELECT id, chain_index, url FROM downloads_url_chains"
_ATTRIBUTES = "SELECT id, name FROM moz_anno_attributes"
_ANNOTATIONS = "SELECT place_id, anno_attribute_id, content, dateAdded FROM moz_annos"
_PLACES = "SELECT id, url FROM moz_places"
_TARGET, _META = "downloads/destinationFileURI", "downloads/metaData"
_STATES = {0: "in progress", 1: "complete", 2: "cancelled", 4: "interrupted"}  # download_types.h
_NO_ROW = "the browser's record of downloads has no row"


def is_chromium(tables: frozenset[str]) -> bool:
    """Tell a `History` by its tables."""
    return {"downloads", "urls"} <= tables


def is_firefox(tables: frozenset[str]) -> bool:
    """Tell a `places.sqlite` by its tables."""
    return {"moz_places", "moz_annos", "moz_anno_attributes"} <= tables


def read_chromium(database: Database) -> Iterator[Seen]:
    """Every download. Raises EvidenceError, also after some of them."""
    chains: dict[object, list[tuple[int, str]]] = defaultdict(list)
    if "downloads_url_chains" in database.tables:
        for row in database.rows(_CHAINS):
            place, address = row["chain_index"], word(row["url"])
            if isinstance(place, int) and address:
                chains[row["id"]].append((place, address))
    seen = False
    for row in database.rows(_DOWNLOADS):
        seen = True
        yield _chromium(row, [address for _, address in sorted(chains[row.get("id")])])
    if not seen:
        yield silence("record.download", State.NOTHING, _NO_ROW)


def _chromium(row: Value, chain: list[str]) -> Seen:
    state = row.get("state")
    address = chain[-1] if chain else None
    page = word(row.get("tab_url")) or word(row.get("referrer")) or word(row.get("site_url"))
    return said(
        "record.download",
        program="chromium",
        carrier="downloads",
        url=address,
        url_host=host(address) or host(page),
        asked_url=chain[0] if len(chain) > 1 else None,
        page=page,
        target=word(row.get("target_path")) or word(row.get("current_path")),
        at=since_1601(row.get("start_time")),
        ended_at=since_1601(row.get("end_time")),
        size_bytes=number(row.get("total_bytes")),
        received_bytes=number(row.get("received_bytes")),
        media_type=word(row.get("mime_type")),
        state=_STATES.get(state, word(state)) if isinstance(state, int) else None,
        opened=bool(row["opened"]) if "opened" in row else None,
    )


def read_firefox(database: Database) -> Iterator[Seen]:
    """Every download. Raises EvidenceError, also after some of them."""
    names = {row["id"]: row["name"] for row in database.rows(_ATTRIBUTES)}
    targets: list[Value] = []
    facts: dict[object, Value] = {}
    for row in database.rows(_ANNOTATIONS):
        kind = names.get(row["anno_attribute_id"])
        if kind == _TARGET:
            targets.append(row)
        elif kind == _META:
            facts[row["place_id"]] = as_object(parsed(row["content"]))
    wanted = {row["place_id"] for row in targets}
    addresses = {row["id"]: word(row["url"]) for row in database.rows(_PLACES) if row["id"] in wanted} if wanted else {}
    for row in targets:
        address, told = addresses.get(row["place_id"]), facts.get(row["place_id"], {})
        ended = told.get("endTime")
        yield said(
            "record.download",
            program="firefox",
            carrier="moz_annos",
            url=address,
            url_host=host(address),
            target=word(row["content"]),
            at=since_1970(row["dateAdded"]),
            ended_at=since_1970(ended * 1000) if isinstance(ended, int) else None,
            size_bytes=number(told.get("fileSize")),
        )
    if not targets:
        yield silence("record.download", State.NOTHING, _NO_ROW)
