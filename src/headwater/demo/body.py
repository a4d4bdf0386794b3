"""Invented camera bodies. Two bodies of one model differ in their sensors and serial numbers only."""

from dataclasses import dataclass, replace

import numpy as np

from headwater.demo.fields import Field
from headwater.demo.words.places import MAKES

# ITU-T T.81 Annex K.1, scaled below as each model does.
_LUMA = (
    16, 11, 10, 16, 24, 40, 51, 61, 12, 12, 14, 19, 26, 58, 60, 55, 14, 13, 16, 24, 40, 57, 69, 56, 14, 17, 22, 29,
    51, 87, 80, 62, 18, 22, 37, 56, 68, 109, 103, 77, 24, 35, 55, 64, 81, 104, 113, 92, 49, 64, 78, 87, 103, 121, 120,
    101, 72, 92, 95, 98, 112, 100, 103, 99,
)  # fmt: skip
_CHROMA = (
    17, 18, 24, 47, 99, 99, 99, 99, 18, 21, 26, 66, 99, 99, 99, 99, 24, 26, 56, 99, 99, 99, 99, 99, 47, 66, 99, 99,
    99, 99, 99, 99, *(99,) * 32,
)  # fmt: skip
_PHONE_SIZES = ((1152, 864), (1216, 912), (1088, 816))  # whole blocks of 16
_CAMERA_SIZES = ((1200, 800), (1248, 832), (1104, 736))


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """One camera model: what all its bodies write alike."""

    make: str
    model: str
    software: str
    width: int
    height: int
    table_scale: float
    f_number: tuple[int, int]
    focal_length: tuple[int, int]
    phone: bool

    @property
    def tables(self) -> tuple[tuple[int, ...], tuple[int, ...]]:
        """The model's own quantisation tables: scaled, and lifted a little on the diagonal."""
        return _scaled(_LUMA, self.table_scale), _scaled(_CHROMA, self.table_scale * 1.1)

    @property
    def thumbnail(self) -> tuple[int, int]:
        """Width and height of the preview it puts into its files."""
        return 160, round(160 * self.height / self.width / 2) * 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Body:
    """One camera body.

    strength: deviation of its pixels' sensitivity, a few thousandths. noise: of its shot noise, in grey levels at
    ISO 100. place: latitude and longitude where it was used, for bodies that know.
    """

    key: tuple[int, ...]
    model: Model
    serial: str
    strength: float
    noise: float
    place: tuple[float, float] | None = None

    def pattern(self) -> Field:
        """Give the sensor's pattern, height x width: the same for every picture this body takes."""
        shape = (self.model.height, self.model.width)
        return np.random.default_rng(self.key).standard_normal(shape, dtype=np.float32) * np.float32(self.strength)


def _scaled(table: tuple[int, ...], scale: float) -> tuple[int, ...]:
    return tuple(max(1, round(value * scale) + (1 if index % 9 == 0 else 0)) for index, value in enumerate(table))


@dataclass(frozen=True, slots=True, kw_only=True)
class Bodies:
    """All cameras of an operation. `twin` is another body of the phone's model."""

    phone: Body
    twin: Body
    laptop: Body
    strangers: tuple[Body, ...]

    @property
    def all(self) -> tuple[Body, ...]:
        return (self.phone, self.twin, self.laptop, *self.strangers)


def some_bodies(seed: int, rng: np.random.Generator) -> Bodies:
    """Invent the cameras: a phone and its twin, a camera, and three or four phones of strangers."""
    makes = [MAKES[int(place)] for place in rng.permutation(len(MAKES))]
    spot = (float(rng.uniform(55.8, 57.4)), float(rng.uniform(4.2, 6.4)))  # open sea
    strangers = 3 + int(rng.integers(2))
    models = [_model(rng, make, phone=index != 1) for index, make in enumerate(makes[: 2 + strangers])]
    phone, laptop, *others = (_body(seed, index, model, rng) for index, model in enumerate(models))
    twin = _body(seed, 40, phone.model, rng)
    return Bodies(phone=replace(phone, place=spot), twin=twin, laptop=laptop, strangers=tuple(others))


def _model(rng: np.random.Generator, make: str, *, phone: bool) -> Model:
    letter = "PSXK"[int(rng.integers(4))]
    width, height = (_PHONE_SIZES if phone else _CAMERA_SIZES)[int(rng.integers(3))]
    return Model(
        make=make,
        model=f"{make} {letter}{int(rng.integers(2, 12))}",
        software=f"{letter}.{int(rng.integers(1, 9))}.{int(rng.integers(0, 40))}",
        width=width,
        height=height,
        table_scale=float(rng.uniform(0.17, 0.23)),
        f_number=(18, 10) if phone else (56, 10),
        focal_length=(430, 100) if phone else (int(rng.integers(24, 70)) * 10, 10),
        phone=phone,
    )


def _body(seed: int, index: int, model: Model, rng: np.random.Generator) -> Body:
    strength = float(rng.uniform(0.003, 0.005))
    return Body(
        key=(seed, 50, index),
        model=model,
        serial=f"{model.model.split()[-1][0]}{int(rng.integers(10**8, 10**9))}",
        strength=strength,
        noise=strength * float(rng.uniform(800, 1_050)),
    )
