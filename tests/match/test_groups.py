import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from headwater.match.groups import ALONE, Edges, components, nearest_edges, stars


def edges(*pairs, bits=20):
    """Pairs of contents, each with its distance."""
    one, other, far = (np.array(column, np.int64) for column in zip(*[(*p, bits)[:3] for p in pairs], strict=True))
    none = np.zeros(len(pairs), np.uint8)
    return nearest_edges([Edges(one, other, far.astype(np.uint8), none, none)])


def medoids(number, found, joins):
    """The medoid of each content, itself where it joins none."""
    said = np.arange(number)
    for place in np.flatnonzero(joins != ALONE):
        pair = {int(found.asker[joins[place]]), int(found.kept[joins[place]])}
        (said[place],) = pair - {int(place)}
    return said.tolist()


def everybody(number):
    return np.ones(number, np.bool_), np.ones(number, np.bool_), np.zeros(number, np.bool_)


def test_a_chain_is_split_by_stars_and_joined_by_components():
    """A is near B, B near C, C near D; nobody else is near anybody."""
    chain = edges((0, 1), (1, 2), (2, 3))
    assert medoids(4, chain, stars(4, chain, *everybody(4))) == [1, 1, 1, 3]
    assert components(4, chain).tolist() == [0, 0, 0, 0]


def test_whoever_is_near_two_joins_the_nearer():
    """Both 0 and 5 lead; 3 is near both."""
    found = edges((0, 1), (0, 2), (0, 3, 30), (5, 3, 12), (5, 6), (5, 7))
    assert medoids(8, found, stars(8, found, *everybody(8)))[3] == 5


def test_old_medoids_lead_and_never_join():
    found = edges((0, 1, 5), (1, 2), (1, 3), (1, 4))
    can_join = np.array([False, True, True, True, True])
    joins = stars(5, found, np.ones(5, np.bool_), can_join, np.zeros(5, np.bool_))
    assert joins[0] == ALONE
    assert medoids(5, found, joins)[1] == 0


def test_what_leads_last_leads_only_where_nobody_else_does():
    found = edges((0, 1), (0, 2), (0, 3))
    last = np.array([True, False, False, False])
    joins = stars(4, found, np.ones(4, np.bool_), np.ones(4, np.bool_), last)
    assert medoids(4, found, joins)[0] == 1


def test_what_may_not_lead_leads_nothing():
    found = edges((0, 1), (0, 2))
    joins = stars(3, found, np.zeros(3, np.bool_), np.ones(3, np.bool_), np.zeros(3, np.bool_))
    assert joins.tolist() == [ALONE] * 3


def test_without_edges_everybody_is_alone():
    none = nearest_edges([])
    assert stars(3, none, *everybody(3)).tolist() == [ALONE] * 3
    assert components(3, none).tolist() == [0, 1, 2]


def test_of_two_contents_the_nearest_pair_is_kept():
    small = np.array([7, 3, 9], np.uint8)
    found = nearest_edges(
        [Edges(np.array([0, 1, 0]), np.array([1, 0, 2]), np.array([20, 9, 30], np.uint8), small, small)]
    )
    assert list(zip(found.asker.tolist(), found.kept.tolist(), found.bits.tolist(), strict=True)) == [
        (1, 0, 9),
        (0, 2, 30),
    ]


graphs = st.integers(2, 25).flatmap(
    lambda number: st.tuples(
        st.just(number),
        st.lists(
            st.tuples(st.integers(0, number - 1), st.integers(0, number - 1), st.integers(0, 31)).filter(
                lambda pair: pair[0] != pair[1]
            ),
            min_size=1,
            max_size=60,
        ),
    )
)


@settings(deadline=None)
@given(graph=graphs, seed=st.integers(0, 99), data=st.data())
def test_every_member_fits_a_medoid_that_joined_nobody(graph, seed, data):
    number, pairs = graph
    rng = np.random.default_rng(seed)
    can_join, is_last = rng.random(number) < 0.8, rng.random(number) < 0.2
    found = edges(*pairs)
    joins = stars(number, found, np.ones(number, np.bool_), can_join, is_last)
    said = medoids(number, found, joins)
    assert all(joins[medoid] == ALONE for medoid in said)
    assert not (joins[~can_join] != ALONE).any()
    near = {frozenset(pair[:2]) for pair in pairs}
    assert all(frozenset((place, medoid)) in near for place, medoid in enumerate(said) if place != medoid)
    shuffled = edges(*data.draw(st.permutations(pairs)))
    assert stars(number, shuffled, np.ones(number, np.bool_), can_join, is_last).tolist() == joins.tolist()
    roots = components(number, found)
    assert all(roots[place] == roots[medoid] for place, medoid in enumerate(said))
    for one, other, _ in pairs:  # two that are near and may both join never stay alone side by side
        alone = [said[each] == each and said.count(each) == 1 and can_join[each] for each in (one, other)]
        assert not all(alone)
