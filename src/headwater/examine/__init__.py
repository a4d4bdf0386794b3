"""Floor 4: examiners. Each sees one View and yields what it saw; none imports another."""
