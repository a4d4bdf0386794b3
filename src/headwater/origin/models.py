"""Seized model files, found again by the digests and names that a generator's record gives."""

from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

LONG_DIGITS = 10  # hexadecimal: fewer are a lead (S7, S8 of the signals)
SHORT_DIGITS = 8
_OF_KIND = {
    "autov2": ("sha256",),
    "sha256": ("sha256",),
    "autov3": ("autov3",),
    "blake3": ("blake3",),
    "legacy8": ("legacy8",),
}
_ANY = ("sha256", "autov3", "blake3")


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelFile:
    """A content that is a model. digests: by kind (sha256, autov3, blake3, legacy8), lower case, as recomputed here."""

    sha256: str
    exhibit: str
    path: str
    digests: Mapping[str, str] = field(default_factory=dict)

    @property
    def stem(self) -> str:
        """Its file name without the ending, as records name models."""
        return stem_of(self.path)


def stem_of(path: str) -> str:
    """The name of a model without folders and ending, in lower case."""
    name = path.replace("\\", "/").rpartition("/")[2]
    head, dot, ending = name.rpartition(".")
    is_ending = dot and ending.lower() in {"safetensors", "ckpt", "pt", "pth", "bin", "gguf", "sft"}
    return (head if is_ending else name).lower()


class ModelFiles:
    """All model files of an operation, to be looked up by digest or name."""

    def __init__(self, files: Iterable[ModelFile] = ()) -> None:
        self._by_name: dict[str, list[ModelFile]] = {}
        digests: dict[str, list[tuple[str, ModelFile]]] = {}
        for file in files:
            self._by_name.setdefault(file.stem, []).append(file)
            for kind, digest in {**file.digests, "sha256": file.sha256}.items():
                digests.setdefault(kind, []).append((digest.lower(), file))
        self._by_kind = {kind: sorted(found, key=lambda one: one[0]) for kind, found in digests.items()}

    def with_digest(self, digest: str, kind: str) -> Sequence[ModelFile]:
        """Files whose recomputed digest begins as this one, both at least LONG_DIGITS long; of another kind none."""
        return self._beginning(digest, _OF_KIND.get(kind, _ANY), LONG_DIGITS)

    def with_short_hash(self, digest: str) -> Sequence[ModelFile]:
        """Files that agree in SHORT_DIGITS: a lead."""
        return self._beginning(digest[:SHORT_DIGITS], ("legacy8", "sha256", "autov3"), SHORT_DIGITS)

    def named(self, name: str) -> Sequence[ModelFile]:
        """Files of that name: a lead."""
        return self._by_name.get(stem_of(name), ()) if name else ()

    def _beginning(self, digest: str, kinds: Sequence[str], least: int) -> Sequence[ModelFile]:
        found: dict[str, ModelFile] = {}
        if len(digest) < least:
            return ()
        for kind in kinds:
            sorted_ = self._by_kind.get(kind, [])
            start = bisect_left(sorted_, digest[:least], key=lambda one: one[0])
            for known, file in sorted_[start:]:
                if not known.startswith(digest[:least]):
                    break
                if known.startswith(digest) or (len(known) >= least and digest.startswith(known)):
                    found[file.sha256] = file
        return tuple(found.values())
