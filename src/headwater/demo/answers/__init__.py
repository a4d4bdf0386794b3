"""What an examination should come to, derived from what was planted: the lines of the truth."""
