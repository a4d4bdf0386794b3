"""The boxes of ISO base media files by kind: which hold boxes, and which carry no metadata.

Sources: ISO/IEC 14496-12, 14496-14, 14496-15, 15444-1, 18181-2, 23000-22, 23008-12; Apple's QuickTime File Format.
"""

# fmt: off
CONTAINERS = frozenset({
    "moov", "trak", "mdia", "minf", "stbl", "dinf", "edts", "udta", "meta", "iprp", "ipco", "moof", "traf", "mvex",
    "mfra", "sinf", "schi", "jp2h", "meco", "strk", "uuid Canon",
})
SILENT = CONTAINERS | {
    # files, data and fragments
    "ftyp", "styp", "mdat", "imda", "free", "skip", "wide", "pdin", "mfhd", "tfhd", "tfdt", "trun", "tfra", "mfro",
    "mehd", "trex", "trep", "leva", "sidx", "ssix", "prft", "bloc",
    # movies and tracks
    "iods", "tref", "elst", "vmhd", "smhd", "hmhd", "nmhd", "sthd", "gmhd", "gmin", "dref", "url ", "urn ", "alis",
    "stts", "ctts", "cslg", "stsc", "stsz", "stz2", "stco", "co64", "stss", "stsh", "sdtp", "stdp", "stps", "padb",
    "sbgp", "sgpd", "csgp", "subs", "saiz", "saio", "senc", "pssh", "tenc", "schm", "frma", "elng", "clip", "crgn",
    "matt", "kmat", "load", "imap", "tapt", "clef", "prof", "enof", "ctab", "rmra", "WLOC", "LOOP", "SelO", "AllF",
    # items and their properties
    "pitm", "iloc", "iinf", "iref", "idat", "ipro", "grpl", "ipma", "ispe", "pixi", "colr", "pasp", "hvcC", "lhvC",
    "av1C", "avcC", "vvcC", "j2kH", "irot", "imir", "clap", "auxC", "rloc", "lsel", "clli", "mdcv", "cclv", "amve",
    "a1op", "a1lx", "rref", "wipe", "zoom", "fade", "cmin", "cmex", "thmb",
    # JPEG 2000 and JPEG XL
    "jP  ", "ihdr", "bpcc", "pclr", "cmap", "cdef", "res ", "jp2c", "JXL ", "jxlc", "jxlp", "jxll", "jxli", "jbrd",
}
KNOWN = SILENT | {
    "uuid", "XMP_", "xml ", "bxml", "jumb", "Exif", "CMT1", "CMT2", "CMT3", "CMT4", "mvhd", "tkhd", "mdhd", "hdlr",
    "stsd", "keys", "ilst", "brob", "pnot", "PICT", "emsg", "jp2i", "uinf", "mpvd", "sefd",
}
# Items that are pictures, or are built out of others.
PICTURE_ITEMS = frozenset({
    "hvc1", "hev1", "lhv1", "av01", "avc1", "vvc1", "jpeg", "j2k1", "j2ki", "unci", "mski", "grid", "iovl", "iden",
    "tmap", "sato",
})
# fmt: on
