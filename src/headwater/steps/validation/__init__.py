"""Validation of the methods on a laboratory's own labelled files: what `headwater validate` does, step by step."""
