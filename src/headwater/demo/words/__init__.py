"""Closed lists of harmless words: all that the demo's names, addresses and texts are made of.

Every word was read before it was let in: the sea, weather, birds, trees, stones, harbours. Words are never joined
without something between them, so that no pair can make a third one.
"""
