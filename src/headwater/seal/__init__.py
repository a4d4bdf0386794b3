"""Floor 2: one hash chain of signed entries and one manifest, for everything that must not change unseen."""
