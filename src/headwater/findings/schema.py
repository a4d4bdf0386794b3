"""The Arrow tables that sealed parts are made of. A change of shape is a new version beside the old one."""

from collections.abc import Mapping, Sequence

import pyarrow as pa

from headwater.model.errors import HeadwaterError

VERSION = "1"
_METADATA = {b"headwater.schema": VERSION.encode()}
_TIME = pa.timestamp("us", tz="UTC")
_TEXT = pa.string()
_SPAN = pa.struct([("offset_bytes", pa.int64()), ("length_bytes", pa.int64()), ("sha256", _TEXT), ("role", _TEXT)])
_RANGE = pa.struct([("offset_bytes", pa.int64()), ("length_bytes", pa.int64())])


def _schema(*fields: tuple[str, pa.DataType], nullable: Sequence[str] = ()) -> pa.Schema:
    return pa.schema([pa.field(name, kind, nullable=name in nullable) for name, kind in fields], metadata=_METADATA)


ITEMS = _schema(
    ("item", _TEXT),
    ("exhibit", _TEXT),
    ("source", _TEXT),
    ("parent_item", _TEXT),  # the archive item it was found in
    ("locator", _TEXT),
    ("path", _TEXT),
    ("raw_path", pa.binary()),
    ("kind", _TEXT),
    ("size_bytes", pa.int64()),
    ("inode", _TEXT),
    ("allocation", _TEXT),
    ("created", _TIME),
    ("modified", _TIME),
    ("accessed", _TIME),
    ("changed", _TIME),
    ("times_zone", _TEXT),
    ("note", _TEXT),
    nullable=("parent_item", "size_bytes", "created", "modified", "accessed", "changed"),
)
CONTENTS = _schema(
    ("item", _TEXT),
    ("sha256", _TEXT),
    ("md5", _TEXT),
    ("sha1", _TEXT),
    ("bytes_read", pa.int64()),
    ("media_type", _TEXT),
    ("extension_disagrees", pa.bool_()),
    ("damaged", pa.bool_()),
    ("damaged_ranges", pa.list_(_RANGE)),
    nullable=("extension_disagrees",),
)
FINDINGS = _schema(
    ("finding", _TEXT),
    ("sha256", _TEXT),
    ("examiner", _TEXT),
    ("version", _TEXT),
    ("claim", _TEXT),
    ("value", _TEXT),
    ("state", _TEXT),
    ("reason", _TEXT),
    ("spans", pa.list_(_SPAN)),
    ("code_digest", _TEXT),
    ("settings_digest", _TEXT),
    ("model_digest", _TEXT),
    ("input_size_bytes", pa.int64()),
    ("tool_version", _TEXT),
    ("tool_digest", _TEXT),
    ("library_versions", _TEXT),  # canonical JSON
    ("trust_list_digest", _TEXT),
    ("calibration_digest", _TEXT),
    ("examined_at", _TIME),
    nullable=("trust_list_digest", "calibration_digest"),
)
FAILURES = _schema(
    ("item", _TEXT),
    ("path", _TEXT),
    ("examiner", _TEXT),
    ("kind", _TEXT),
    ("message", _TEXT),
    ("sha256", _TEXT),
    ("exhibit", _TEXT),
    nullable=("sha256",),
)
SOURCES = _schema(
    ("exhibit", _TEXT),
    ("source", _TEXT),
    ("name", _TEXT),
    ("form", _TEXT),
    ("size_bytes", pa.int64()),
    ("segments", _TEXT),  # canonical JSON, as are the next three
    ("digests", _TEXT),
    ("bad_ranges", _TEXT),
    ("notes", _TEXT),
    nullable=("size_bytes",),
)
ORIGINS = _schema(
    ("sha256", _TEXT),
    ("grade", _TEXT),
    ("strength", _TEXT),  # empty where the grade is undetermined
    ("rule", _TEXT),
    *((number, pa.int32()) for number in ("g", "e", "c", "k", "f")),
    ("signals", pa.list_(_TEXT)),
    ("reasons", pa.list_(_TEXT)),
    ("weighed", _TEXT),  # canonical JSON: every signal, and what stood beside them
    ("findings_used", pa.list_(_TEXT)),
    ("findings_aside", pa.list_(_TEXT)),
    ("sentence_ids", pa.list_(_TEXT)),
    ("rules_digest", _TEXT),
    ("validation_digest", _TEXT),
    nullable=("validation_digest",),
)
TIES = _schema(
    ("a", _TEXT),
    ("b", _TEXT),
    ("reason", _TEXT),
    ("value", _TEXT),
    ("rarity", pa.float64()),  # bits; none where nothing was counted
    ("strength", _TEXT),
    nullable=("rarity",),
)
QUEUE = _schema(
    ("rank", pa.int64()),
    ("sha256", _TEXT),
    ("tier", pa.int32()),
    ("reason", _TEXT),
    ("place", _TEXT),
    ("relevance", pa.float64()),
    ("control_at", pa.int64()),  # where it is shown early, as a control
    nullable=("relevance", "control_at"),
)
QUEUES = _schema(  # one row: the queue it stands in is whole
    ("inputs_digest", _TEXT),
    ("pictures", pa.int64()),
    ("queued_at", _TIME),
)
RELEVANCE = _schema(
    ("name", _TEXT),
    ("kind", _TEXT),
    ("digest", _TEXT),
    ("score", pa.float64()),
    ("line", pa.int64()),
)
TRACES = _schema(  # one row: the trace it stands in is whole
    ("rules_digest", _TEXT),
    ("inputs_digest", _TEXT),
    ("contents", pa.int64()),
    ("tool_version", _TEXT),
    ("tool_digest", _TEXT),
    ("traced_at", _TIME),
)
MATCHES = _schema(
    ("sha256", _TEXT),
    ("set", _TEXT),
    ("record", _TEXT),
    ("kind", _TEXT),
    ("distance_bits", pa.int32()),  # none where digests are equal
    ("variant", _TEXT),
    ("category", _TEXT),
    ("scheme", _TEXT),
    ("verdict", pa.bool_()),
    ("role", _TEXT),
    ("rule", _TEXT),
    ("series", _TEXT),
    ("victim_identified", pa.bool_()),
    ("line", pa.int64()),
    ("quality", pa.int32()),
    ("set_sha256", _TEXT),
    ("through", _TEXT),  # the content of the operation that the record knows by digest, where one lies between
    ("set_aside", _TEXT),
    nullable=("distance_bits", "victim_identified", "quality"),
)
MATCHINGS = _schema(  # one row: the contents of its folder are matched
    ("lineage", _TEXT),
    ("sets", pa.list_(_TEXT)),
    ("parts_digest", _TEXT),
    ("contents", pa.int64()),
    ("tool_version", _TEXT),
    ("tool_digest", _TEXT),
    ("matched_at", _TIME),
)
GROUPS = _schema(
    ("group", _TEXT),
    ("kind", _TEXT),
    ("sha256", _TEXT),
    ("distance_bits", pa.int32()),  # from the medoid; none where contents are equal, or joined through others
    ("variant", _TEXT),
    ("is_medoid", pa.bool_()),
    ("rule", _TEXT),
    nullable=("distance_bits",),
)
GROUPINGS = _schema(  # one row: the groups of its folder are whole
    ("lineage", _TEXT),
    ("parts_digest", _TEXT),
    ("contents", pa.int64()),
    ("tool_version", _TEXT),
    ("tool_digest", _TEXT),
    ("grouped_at", _TIME),
)
KEYS = _schema(  # what pictures can share, read from what was found; begun: when the folder of findings was
    ("sha256", _TEXT),
    ("claim", _TEXT),
    ("kind", _TEXT),
    ("value", _TEXT),
    ("detail", _TEXT),
    ("finding", _TEXT),
    ("begun", pa.int64()),
)
UPSTREAM = _schema(
    ("source", _TEXT),
    ("target", _TEXT),
    ("edge", _TEXT),
    ("strength", _TEXT),
    ("reason", _TEXT),
    ("source_kind", _TEXT),
    ("target_kind", _TEXT),
    ("directed", pa.bool_()),
    ("findings", pa.list_(_TEXT)),
)
HANDS = _schema(
    ("hand", _TEXT),
    ("sha256", _TEXT),
    ("because", pa.list_(_TEXT)),
    ("found", _TEXT),  # the hand that the method put it in, which keeps its id whatever people say
    ("judged", _TEXT),  # a person's word that placed it there; empty where the method did
)
CONTRADICTIONS = _schema(
    ("kind", _TEXT),
    ("nodes", pa.list_(_TEXT)),
    ("message", _TEXT),
)
ATTRIBUTIONS = _schema(  # one row: the graph it stands in is whole
    ("lineage", _TEXT),
    ("inputs_digest", _TEXT),
    ("parts", pa.list_(_TEXT)),  # of findings, whose keys its folder holds
    ("pictures", pa.int64()),
    ("tool_version", _TEXT),
    ("tool_digest", _TEXT),
    ("attributed_at", _TIME),
)
SCHEMAS: Mapping[str, pa.Schema] = {
    "sources": SOURCES,
    "items": ITEMS,
    "contents": CONTENTS,
    "findings": FINDINGS,
    "failures": FAILURES,
    "origins": ORIGINS,
    "ties": TIES,
    "traces": TRACES,
    "queue": QUEUE,
    "queues": QUEUES,
    "relevance": RELEVANCE,
    "matches": MATCHES,
    "matchings": MATCHINGS,
    "groups": GROUPS,
    "groupings": GROUPINGS,
    "keys": KEYS,
    "upstream": UPSTREAM,
    "hands": HANDS,
    "contradictions": CONTRADICTIONS,
    "attributions": ATTRIBUTIONS,
}


def table(name: str, columns: Mapping[str, Sequence[object]]) -> pa.Table:
    """Build one table from columns of Python values. Raises HeadwaterError where they do not fit the schema."""
    schema = SCHEMAS[name]
    if set(columns) != set(schema.names):
        raise HeadwaterError(f"{name}: columns differ from the schema: {sorted(set(columns) ^ set(schema.names))}")
    try:
        built = pa.table([pa.array(columns[field.name], field.type) for field in schema], schema=schema)
    except (pa.ArrowException, TypeError, ValueError, OverflowError) as error:
        raise HeadwaterError(f"{name}: {error}") from error
    check_table(name, built)
    return built


def check_table(name: str, built: pa.Table) -> None:
    """Raise HeadwaterError unless `built` has exactly the schema of that name, and no nulls where none belong."""
    schema = SCHEMAS.get(name)
    if schema is None:
        raise HeadwaterError(f"no such table: {name}")
    if not built.schema.equals(schema, check_metadata=True):
        raise HeadwaterError(f"{name}: not the schema of version {VERSION}")
    empty = [field.name for field in schema if not field.nullable and built.column(field.name).null_count]
    if empty:
        raise HeadwaterError(f"{name}: nulls in {', '.join(empty)}")
