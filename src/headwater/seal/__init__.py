"""Floor 2: one hash chain with signed checkpoints, and one manifest, for everything that must not change unseen."""
