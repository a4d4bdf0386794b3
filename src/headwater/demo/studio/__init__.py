"""What the producer did: photographs, a model trained on them, and what was drawn with it."""
