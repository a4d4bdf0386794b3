"""Makers of cameras as they write themselves into Make, and which of them build for one another.

A note may carry the header of the company that built the camera, not of the one that sold it: Panasonic and Fujifilm
built for Leica, Pentax for Samsung, Sanyo and Olympus for Epson and Agfa, Konica and Minolta became Sony's. Sources:
the headers and makes that ExifTool (MakerNotes.pm) and Exiv2 tell apart, and files of those makers.
"""

# The makers known here: how Make begins in lower case, and the family of those who build for one another.
_MAKERS = (
    ("apple", "apple"),
    ("asahi", "pentax"),
    ("canon", "canon"),
    ("casio", "casio"),
    ("dji", "dji"),
    ("eastman kodak", "kodak"),
    ("epson", "olympus"),
    ("fujifilm", "leica"),
    ("google", "google"),
    ("gopro", "gopro"),
    ("hasselblad", "sony"),
    ("hewlett-packard", "hewlett-packard"),
    ("hp", "hewlett-packard"),
    ("htc", "htc"),
    ("huawei", "huawei"),
    ("jk imaging", "kodak"),
    ("kodak", "kodak"),
    ("konica", "sony"),
    ("leica", "leica"),
    ("lg", "lg"),
    ("minolta", "sony"),
    ("motorola", "motorola"),
    ("nikon", "nikon"),
    ("nokia", "nokia"),
    ("olympus", "olympus"),
    ("om digital", "olympus"),
    ("om system", "olympus"),
    ("oneplus", "oneplus"),
    ("oppo", "oppo"),
    ("panasonic", "leica"),
    ("pentax", "pentax"),
    ("reconyx", "reconyx"),
    ("ricoh", "pentax"),
    ("samsung", "pentax"),
    ("sanyo", "olympus"),
    ("seiko epson", "olympus"),
    ("sigma", "sigma"),
    ("sony", "sony"),
    ("vivo", "vivo"),
    ("xiaomi", "xiaomi"),
)


def maker_of_make(make: str) -> str:
    """The maker that a Make names, as in the list; empty where it is none of it."""
    lower = make.strip().lower()
    return next((name for name, _ in _MAKERS if lower.startswith(name)), "")


def same_maker(note: str, make: str) -> bool | None:
    """Whether the maker of a note may have built what `make` sold; None where one of them is not known here."""
    families = dict(_MAKERS)
    one, other = maker_of_make(note), maker_of_make(make)
    return families[one] == families[other] if one and other else None
