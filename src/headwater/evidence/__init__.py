"""Floor 3: evidence opened read-only, behind one Reader protocol. What parses here runs in a jailed worker."""
