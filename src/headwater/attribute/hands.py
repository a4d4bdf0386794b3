"""Made by one hand: pictures that share what is one person's own; who that is stays for a person to say.

Communities by Leiden (Traag, Waltman, van Eck 2019) as graspologic-native has it, over a graph of pictures and of the
keys that are somebody's own (keys.OWN), each edge as heavy as the key has bits, RARE_BITS at least. Pictures of the
very same keys are one node, so the graph grows with the ways of working and not with the pictures.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256

from graspologic_native import leiden

from headwater.attribute.keys import SHARED
from headwater.attribute.rarity import RARE_BITS

RESOLUTION = 0.1  # at 1 the runs of seeds of one producer fall apart; far below, two who share one workflow are one
_RANDOMNESS, _SEED, _ITERATIONS = 0.001, 7, 3
_ID_DIGITS = 16
HANDS_RULE = (
    f"Communities by the Leiden method, modularity, resolution {RESOLUTION}, over pictures and what is "
    "one person's own. A hand is a group of pictures, not a person."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Shared:
    """One key of a picture that is somebody's own. bits: of its rarity, as measured."""

    kind: str
    value: str
    bits: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """A person's word. merge: two or more hands are one. split: these members are another hand; `new` is its id."""

    what: str
    hands: Sequence[str] = ()
    members: frozenset[str] = frozenset()
    new: str = ""


Keys = tuple[Shared, ...]


def communities(atoms: Mapping[Keys, Sequence[str]], before: Mapping[str, str]) -> dict[str, str]:
    """The hand of each picture that shares a rare key with another. atoms: pictures by their set of rare keys.

    before: the hand of each picture at the last time. A hand keeps its id where it has most of its members still; an id
    is never given to two.
    """
    ordered = sorted(atoms.items(), key=lambda each: min(each[1]))
    edges = [
        (f"p{place}", f"k {one.kind} {one.value}", max(one.bits, RARE_BITS) * len(pictures))
        for place, (keys, pictures) in enumerate(ordered)
        for one in keys
    ]
    if not edges:
        return {}
    _, found = leiden(
        edges=edges,
        starting_communities=_start(ordered, edges, before),
        resolution=RESOLUTION,
        randomness=_RANDOMNESS,
        iterations=_ITERATIONS,
        use_modularity=True,
        seed=_SEED,
        trials=1,
    )
    members: dict[int, list[str]] = defaultdict(list)
    for place, (_, pictures) in enumerate(ordered):
        members[found[f"p{place}"]] += pictures
    return dict(_named([sorted(each) for each in members.values() if len(each) > 1], before))


def _start(
    ordered: Sequence[tuple[Keys, Sequence[str]]], edges: Sequence[tuple[str, str, float]], before: Mapping[str, str]
) -> dict[str, int] | None:
    """Begin where the last time ended, so that what is new does not shuffle what was there; None for a first time."""
    if not before:
        return None
    numbers: dict[str, int] = {}
    start: dict[str, int] = {}
    for place, (keys, pictures) in enumerate(ordered):
        hands = Counter(before[one] for one in pictures if one in before)
        if keys:
            hand = min(hands, key=lambda one: (-hands[one], one)) if hands else f"new {place}"
            start[f"p{place}"] = numbers.setdefault(hand, len(numbers))
    for picture, key, _ in edges:
        start.setdefault(key, start[picture])
    return start


def _named(groups: Iterable[list[str]], before: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Give ids: the pairs of group and earlier hand that share most come first."""
    listed = sorted(groups)
    shares = [
        (-count, hand, place)
        for place, group in enumerate(listed)
        for hand, count in Counter(before[one] for one in group if one in before).items()
    ]
    names: dict[int, str] = {}
    given: set[str] = set()
    for _, hand, place in sorted(shares):
        if place not in names and hand not in given:
            names[place] = hand
            given.add(hand)
    for place, group in enumerate(listed):
        name = names.get(place) or hand_id(group[0])
        if place not in names and name in given:  # its first member stands in another hand now
            name = hand_id(" ".join(group))
        yield from ((one, name) for one in group)


def hand_id(word: str) -> str:
    """The id of a new hand, by its first member."""
    return sha256(f"hand {word}".encode()).hexdigest()[:_ID_DIGITS]


def judged(hands: Mapping[str, str], judgements: Iterable[Judgement]) -> dict[str, str]:
    """The hands after what people said, in the order in which they said it."""
    now = dict(hands)
    for one in judgements:
        if one.what == "merge":
            kept = one.hands[0]
            now = {picture: kept if hand in one.hands else hand for picture, hand in now.items()}
        else:
            now |= {picture: one.new for picture in now if picture in one.members}
    return now


def because(keys: Iterable[Shared], others: Mapping[tuple[str, str], int]) -> list[str]:
    """What ties a member to its hand, the rarest first. others: how many of the hand have each key."""
    told = sorted(keys, key=lambda one: (-one.bits, one.kind, one.value))
    return [
        f"{SHARED[one.kind]} {one.value[:64]}: {one.bits:.1f} bits, {others[one.kind, one.value]} of the hand"
        for one in told
        if others[one.kind, one.value] > 1
    ]
