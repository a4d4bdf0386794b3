"""Floor 3: opening evidence read-only, behind one Reader protocol. Everything here that parses runs in a jailed worker."""
