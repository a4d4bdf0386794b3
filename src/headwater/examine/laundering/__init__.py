"""Altered copies of a laboratory's own files, made in a jailed worker, for validation. Nothing of it examines."""
