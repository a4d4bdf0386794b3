"""What is said of an origin, as data: pairs of propositions, frames by strength, and one sentence for each known case.

A sentence speaks of the probability of the findings under two propositions, never of that of a proposition (ENFSI
guideline for evaluative reporting, 2015). What stands in braces is filled in from the findings.
"""

from collections.abc import Mapping, Sequence

from headwater.model.canonical import Json

# P1 against P2, one pair a statement.
PROPOSITIONS: Mapping[str, tuple[str, str]] = {
    "generated": (
        "the picture was produced by an image generator",
        "it was recorded by a camera and not altered by a generator",
    ),
    "edited": ("a generator altered a camera picture", "no generator altered it"),
    "camera": ("the pixels were recorded by a camera sensor", "a generator produced them"),
}
FRAMES: Mapping[str, str] = {
    "propositions": "P1: {p1}. P2: {p2}.",
    "propositions.device": (
        "Of the device, P1: the pixels were recorded by the sensor of {camera}. "
        "P2: they were recorded by another sensor."
    ),
    "verified": (
        "I would expect this finding if P1 were true. If P2 were true I would expect it only if the key or "
        "service of {signer} had been misused or had stated something false. The signature shows who stated "
        "it and that the bytes are unchanged since; it does not make the statement true."
    ),
    "corroborated": (
        "Two records written independently of one another agree ({a} in the file, {b} on exhibit {exhibit}). "
        "I would expect this if P1 were true; if P2 were true someone must have brought both into agreement."
    ),
    "corroborated.sensor": (
        "The pattern of {camera} is in these pixels, by a method whose error this laboratory has measured. I "
        "would expect this if P1 were true; if P2 were true the pattern must have been brought into the "
        "pixels."
    ),
    "declared": (
        "The file carries an unsigned record stating {text}. I would expect it if P1 were true. Such a record"
        " can be added to any file in seconds, so it would also be seen if P2 were true and someone had added"
        " it. How often that happens is not known."
    ),
    "declared.signer": (
        "The file carries a credential of {signer}, who is on no list of trusted signers here or whose "
        "certificate had expired. I would expect it if P1 were true; it would also be seen if P2 were true "
        "and {signer} had stated something false."
    ),
    "consistent": "{text} is compatible with P1 and is not unusual under P2.",
    "undetermined": "The findings do not let me prefer P1 or P2: {reason}.",
    "error": "Measured error of this method at this strength: {figure}.",
    "error.none": (
        "Measured error of this method at this strength: not measured. This version has not been validated by"
        " this laboratory."
    ),
    "unexamined": "Not examined: {what}.",
    "unexamined.none": "Every examiner that this grade asks for was run, and none failed.",
    "further": "Further material may change this opinion.",
}
# Sentences of known cases, by the number that `origin.cases` knows each under.
CASES: Mapping[str, str] = {
    "1": "A signature by {signer} verifies over these bytes and states that a generator made the picture.",
    "2": (
        "The file carries two unsigned records that contradict each other. Either can be written into a file "
        "by anyone. I cannot prefer one."
    ),
    "3": (
        "The file's record names a model by digest; the same digest was recomputed from {path} on exhibit "
        "{exhibit}. This would be expected if the picture was made with that model; it would also be seen if "
        "the record had been copied from another picture."
    ),
    "3b": (
        "The short hash, the name or a row of the same program agrees with something on an exhibit; that is a lead."
    ),
    "4": (
        "The sensor pattern supports recording by {camera}; an unsigned text states a generator. The text may"
        " have been inserted, or a photograph may have been fed to a generator. I cannot prefer one."
    ),
    "4b": (
        "A camera's traces and an unsigned record of a generator are both there; both fit a photograph "
        "altered by a generator."
    ),
    "5": (
        "Nothing in this file speaks for or against. Its size and the absence of metadata say nothing about its origin."
    ),
    "5b": (
        "An unsigned record states that a generator worked on an input picture. Whether that input was a "
        "photograph is not known."
    ),
    "6": "An unsigned label states that a generator's output was combined with another picture.",
    "7": "The file is a copy of a screen. Its own origin does not show how the shown picture arose.",
    "8": (
        "The file fits recording by a camera. This does not show that the scene existed in front of it rather"
        " than a print or a screen."
    ),
    "8b": "The file is a near copy of {near}, whose grade is stated there.",
    "9": (
        "The signed history states that a generator changed part of a camera picture. It does not show which "
        "part unless the record says so."
    ),
    "10": (
        "A credential is present and does not fit these bytes ({code}). Re-saving does this; it is not a "
        "finding of forgery."
    ),
    "11": (
        "A signature by {signer} verifies over these bytes and states a recording by a camera; the unsigned "
        "text is noted and outweighed."
    ),
    "12": "The examination is incomplete: {examiner} {state} ({reason}).",
    "13": "A signed statement and a sensor comparison disagree; a person must look.",
    "preview": "{failed}. What the camera's fields say is set aside.",
}


def frames_as_json() -> Sequence[Json]:
    """Everything that can be said, for the digest of the rules."""
    propositions: list[Json] = [[name, *pair] for name, pair in PROPOSITIONS.items()]
    return [propositions, *([name, text] for name, text in (*FRAMES.items(), *CASES.items()))]
