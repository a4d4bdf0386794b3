"""The chunks of a PNG by name: those that carry no metadata, and all that a reader may look for after it lost its way.

Sources: the W3C PNG Specification, third edition; the PNG extensions 1.5.0; chunks of Adobe, Apple and ImageMagick.
"""

CRITICAL = frozenset({"IHDR", "PLTE", "IDAT", "IEND"})
# Colours, sizes, frames of an animation: figures, and no statement on where the picture comes from.
SILENT = CRITICAL | {
    *("tRNS", "cHRM", "gAMA", "sBIT", "sRGB", "cICP", "mDCV", "mDCv", "cLLI", "cLLi", "bKGD", "hIST", "pHYs", "sPLT"),
    *("acTL", "fcTL", "fdAT", "oFFs", "pCAL", "sCAL", "sTER", "gIFg", "iDOT", "vpAg", "orNT", "CgBI"),
}
READ = frozenset({"tEXt", "zTXt", "iTXt", "eXIf", "zxIf", "iCCP", "tIME", "caBX"})
KNOWN = SILENT | READ | {"dSIG", "gIFt", "gIFx", "fRAc", "prVW", "mkBF", "mkBS", "mkBT", "mkTS", "exIf"}
