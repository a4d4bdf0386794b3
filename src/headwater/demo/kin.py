"""Which pictures of the demo are relatives: made of one another, alike by chance, or a preview of one."""

from collections.abc import Iterable

from headwater.demo.truth import NearTruth, Truth


def within(near: Iterable[NearTruth]) -> Iterable[frozenset[str]]:
    """The pairs of near copies that lie within reach."""
    return (frozenset((one.original_sha256, one.derived_sha256)) for one in near if one.within)


class Kin:
    """What was made of the same picture, what is alike by chance, and previews, which stand for their picture."""

    def __init__(self, truth: Truth) -> None:
        self._shown = {one.embedded_sha256: one.sha256 for one in truth.pictures if one.embedded_sha256}
        self._liars = {one.embedded_sha256 for one in truth.pictures if not one.embedded_is_same}
        self._kin: dict[str, set[str]] = {}
        for members in (*(group.members for group in truth.groups), *within(truth.near_duplicates)):
            for member in members:
                self._kin.setdefault(member, {member}).update(members)

    def are_related(self, one: str, other: str) -> bool:
        """Whether the two may be near. A preview that lies shows no picture that the truth could name."""
        if not self._liars.isdisjoint((one, other)):
            return True
        first, second = self._shown.get(one, one), self._shown.get(other, other)
        return first == second or second in self._kin.get(first, ())
