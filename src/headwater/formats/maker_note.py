"""Whose maker note it is, told by its first bytes; the fields inside are not read here."""

_HEADERS = (
    (b"Nikon\0", "Nikon"),
    (b"OLYMPUS\0", "Olympus"),
    (b"OLYMP\0", "Olympus"),
    (b"OM SYSTEM", "OM System"),
    (b"EPSON\0", "Epson"),
    (b"MINOL\0", "Minolta"),
    (b"CAMER\0", "Premier"),
    (b"FUJIFILM", "Fujifilm"),
    (b"GENERALE", "General Electric"),
    (b"Panasonic\0", "Panasonic"),
    (b"LEICA", "Leica"),
    (b"AOC\0", "Pentax"),
    (b"PENTAX \0", "Pentax"),
    (b"RICOH\0", "Ricoh"),
    (b"Rv", "Ricoh"),
    (b"Ricoh\0", "Ricoh"),
    (b"SIGMA\0", "Sigma"),
    (b"FOVEON\0", "Sigma"),
    (b"SONY DSC", "Sony"),
    (b"SONY CAM", "Sony"),
    (b"SONY MOBILE", "Sony"),
    (b"SONY PI", "Sony"),
    (b"VHAB", "Sony"),
    (b"QVC\0", "Casio"),
    (b"KDK", "Kodak"),
    (b"Apple iOS\0", "Apple"),
    (b"Google\0", "Google"),
    (b"HDRP", "Google"),
    (b"HUAWEI\0", "Huawei"),
    (b"Reconyx", "Reconyx"),
    (b"RECONYX", "Reconyx"),
    (b"SANYO\0", "Sanyo"),
    (b"STMN", "Samsung"),
    (b"DJI\0", "DJI"),
    (b"[ae_dbg_info", "DJI"),
    (b"\x01\0\xf1\x03", "Reconyx"),
    (b"IIII", "Hasselblad"),
)
# Makers whose notes begin with a directory at once: only the Make tag tells (Canon, early Nikon and Casio, Samsung).
_BARE = (
    "canon",
    "nikon",
    "casio",
    "samsung",
    "sony",
    "kyocera",
    "hewlett-packard",
    "jvc",
    "minolta",
    "ge",
    "motorola",
    "xiaomi",
)


def maker_of(note: bytes, make: str) -> str:
    """Give the maker by the note's own header; else by the Make tag with `` (by Make)`` after it; else ``unknown``."""
    for header, maker in _HEADERS:
        if note.startswith(header):
            return maker
    for name in _BARE:
        if make.strip().lower().startswith(name):
            return f"{make.strip()} (by Make)"
    return "unknown"
