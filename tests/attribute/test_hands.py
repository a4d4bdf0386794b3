"""Communities of pictures by rare keys: which belong together, and that what comes later shuffles nothing."""

from headwater.attribute.hands import Judgement, Shared, because, communities, hand_id, judged


def key(value, bits=6.0, kind="model"):
    return Shared(kind=kind, value=value, bits=bits)


A, B = key("a"), key("b")
TWO = {(A,): ["p1", "p2", "p3"], (A, key("s", kind="seeds")): ["p4", "p5"], (B,): ["q1", "q2"]}


def members(hands):
    found = {}
    for picture, hand in hands.items():
        found.setdefault(hand, set()).add(picture)
    return sorted(map(sorted, found.values()))


def test_pictures_that_share_a_key_are_of_one_hand_and_others_of_another():
    assert members(communities(TWO, {})) == [["p1", "p2", "p3", "p4", "p5"], ["q1", "q2"]]
    assert communities({}, {}) == {}


def test_two_producers_who_share_a_copied_workflow_stay_two():
    atoms = {}
    for producer in "ab":
        lora, copied = key(f"lora {producer}", 4.0), key("copied", 4.5, "workflow")
        for number in range(12):
            run = key(f"{producer}{number}", 7.0, "seeds")
            atoms[lora, run] = [f"{producer}{number}-{one}" for one in range(4)]
        atoms[lora, copied] = [f"{producer} copied {one}" for one in range(5)]
        atoms[(lora,)] = [f"{producer} plain {one}" for one in range(20)]
    hands = communities(atoms, {})
    assert len(set(hands.values())) == 2
    assert len({hand for picture, hand in hands.items() if picture[0] == "a" and "copied" not in picture}) == 1
    plain = {picture[0]: hand for picture, hand in hands.items() if "plain" in picture}
    assert plain["a"] != plain["b"]


def test_the_same_pictures_give_the_same_hands_in_any_order():
    assert communities(dict(reversed(TWO.items())), {}) == communities(TWO, {})


def test_ids_stay_when_pictures_arrive_and_when_a_first_member_goes():
    before = communities(TWO, {})
    later = {
        (A,): ["o0", "p2", "p3"],
        (A, key("s", kind="seeds")): ["p4", "p5"],
        (B,): ["q1", "q2"],
        (key("c"),): ["r1", "r2"],
    }
    after = communities(later, before)
    assert after["p2"] == after["o0"] == before["p2"]
    assert after["q1"] == before["q1"]
    assert after["r1"] not in before.values()


def test_a_hand_that_fell_in_two_leaves_its_id_to_the_larger_part():
    before = dict.fromkeys(["p1", "p2", "p3", "q1", "q2"], "old")
    after = communities({(A,): ["p1", "p2", "p3"], (B,): ["q1", "q2"]}, before)
    assert after["p1"] == "old"
    assert after["q1"] == hand_id("q1")


def test_words_count_in_their_order():
    hands = {"p1": "a", "p2": "a", "q1": "b"}
    merge = Judgement(what="merge", hands=("a", "b"))
    split = Judgement(what="split", hands=("a",), members=frozenset({"q1"}), new="c")
    assert judged(hands, [merge, split]) == {"p1": "a", "p2": "a", "q1": "c"}
    assert judged(hands, [split, Judgement(what="merge", hands=("a", "c"))]) == {"p1": "a", "p2": "a", "q1": "a"}


def test_what_ties_a_member_is_told_the_rarest_first_and_only_what_others_have():
    keys = [key("a", 4.0), key("s", 9.0, "seeds"), key("alone", 12.0)]
    counts = {("model", "a"): 5, ("seeds", "s"): 2, ("model", "alone"): 1}
    assert because(keys, counts) == ["run of seeds s: 9.0 bits, 2 of the hand", "model a: 4.0 bits, 5 of the hand"]
