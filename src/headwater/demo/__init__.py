"""Floor 7: Operation Springhead, a benign operation made by code, and what must be found in it."""
