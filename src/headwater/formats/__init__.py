"""Floor 1: bytes into plain records: picture formats, their metadata, E01 sections, signatures. Opens nothing."""
