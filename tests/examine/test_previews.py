"""Whether a preview shows its picture: drawn scenes in every carrier, with bars, turned, cropped, of something else."""

import io
import json

import numpy as np
import pytest
from PIL import Image
from tests.formats import embedded_files as make

from headwater.examine.previews import Previews


def pixels(jpeg):
    return np.asarray(Image.open(io.BytesIO(jpeg)).convert("L"))


def small(jpeg, width, height, canvas=None, turn=0):
    """The picture at another size, in the middle of a black canvas, turned by quarters."""
    image = Image.fromarray(np.rot90(pixels(jpeg), turn)).resize((width, height), Image.Resampling.BOX)
    made = Image.new("L", canvas or (width, height))
    made.paste(image, ((made.width - width) // 2, (made.height - height) // 2))
    return make.jpeg_of(np.asarray(made))


WIDE = make.scene(size=(900, 600), seed=1)
OTHER = make.scene(size=(900, 600), seed=2)
FLAT = make.jpeg_of(np.full((600, 900), 90, np.uint8))


@pytest.fixture
def compared(view_of):
    """What is said of each picture inside one, in order."""

    def examine(data):
        view = view_of(data)
        assert Previews().accepts(view)
        seen = list(Previews().examine(view))
        for each in seen:
            assert json.dumps(json.loads(each.value), sort_keys=True, separators=(",", ":")) == each.value
        return [json.loads(each.value) for each in seen]

    return examine


def one(compared, thumbnail, outer=WIDE):
    (said,) = compared(make.with_segments(outer, make.exif(thumbnail)))
    return said


def test_a_thumbnail_of_the_picture_is_the_same(compared):
    said = one(compared, small(WIDE, 160, 107))
    assert (said["same"], said["variant"], said["width"], said["height"]) == ("yes", "original", 160, 107)
    assert said["distance_bits"] <= 60
    assert "bars_pixels" not in said


def test_a_thumbnail_of_another_picture_is_said_to_be_one(compared):
    said = one(compared, small(OTHER, 160, 107))
    assert said["same"] == "no"
    assert said["distance_bits"] >= 90
    assert "why" not in said


def test_black_bars_are_left_out(compared):
    said = one(compared, small(WIDE, 160, 106, canvas=(160, 120)))
    assert (said["same"], said["bars_pixels"]) == ("yes", [0, 7])
    beside = one(compared, small(WIDE, 90, 60, canvas=(160, 60)))
    assert (beside["same"], beside["bars_pixels"]) == ("yes", [35, 0])


def test_another_picture_with_bars_is_another_picture(compared):
    assert one(compared, small(OTHER, 160, 106, canvas=(160, 120)))["same"] == "no"


def test_a_turned_thumbnail_is_the_same(compared):
    said = one(compared, small(WIDE, 107, 160, turn=1))
    assert said["same"] == "yes"
    assert said["variant"].startswith("rotate")


def test_a_picture_that_was_cropped_is_not_judged(compared):
    cropped = make.jpeg_of(pixels(WIDE)[:, 100:600])
    said = one(compared, small(WIDE, 160, 107), outer=cropped)
    assert said["same"] == "cannot say"
    assert "proportions" in said["why"]
    assert said["distance_bits"] > 60


def test_a_flat_picture_is_not_judged(compared):
    said = one(compared, small(WIDE, 160, 107), outer=FLAT)
    assert said["same"] == "cannot say"
    assert "quality" in said["why"]


@pytest.mark.parametrize(
    ("inside", "why"), [(b"no picture at all, in plain words", "no picture"), (small(WIDE, 90, 60)[:40], "t")]
)
def test_what_cannot_be_decoded_is_said_with_the_reason(compared, inside, why):
    said = one(compared, inside)
    assert said["same"] == "cannot say"
    assert why in said["why"]
    assert said["length_bytes"] == len(inside)


def test_an_outer_picture_that_cannot_be_decoded_is_the_reason(compared):
    broken = b"\xff\xd8" + make.exif(small(WIDE, 90, 60)) + b"\xff\xd9"
    (said,) = compared(broken)
    assert said["same"] == "cannot say"
    assert said["width"] == 90
    assert "the picture that holds it" in said["why"]


def test_rows_of_pixels_have_no_format_of_their_own(compared):
    header = b"JFIF\0\1\2\0\0\1\0\1" + bytes((4, 3)) + bytes(36)
    (said,) = compared(make.with_segments(WIDE, make.segment(0xE0, header)))
    assert said["same"] == "cannot say"
    assert "rgb" in said["why"]


def test_each_carrier_is_compared_with_its_role(compared):
    own, before = small(WIDE, 160, 107), small(OTHER, 160, 107)
    store = make.store(
        [
            make.thumbnail_box("c2pa.thumbnail.claim.jpeg", own),
            make.thumbnail_box("c2pa.thumbnail.ingredient.jpeg", before),
        ]
    )
    said = compared(make.with_segments(WIDE, *make.in_app11(store, room=900)) + OTHER)
    assert [(each["role"], each["same"]) for each in said] == [
        ("thumbnail", "yes"),
        ("ingredient", "no"),
        ("picture", "no"),
    ]


def test_the_spans_are_the_bytes_of_the_picture(view_of):
    thumbnail = small(WIDE, 160, 107)
    data = make.with_segments(WIDE, *make.in_app11(make.store([make.thumbnail_box("c2pa.thumbnail.claim", thumbnail)])))
    (seen,) = Previews().examine(view_of(data))
    assert len(seen.spans) > 5  # cut into segments
    assert b"".join(data[s.offset_bytes : s.offset_bytes + s.length_bytes] for s in seen.spans) == thumbnail


def test_a_picture_without_any_is_not_looked_at(view_of):
    assert not Previews().accepts(view_of(WIDE))
    assert not Previews().accepts(view_of(b"plain words"))
