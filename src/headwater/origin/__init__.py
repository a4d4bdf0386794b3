"""Floor 4, beside `examine`: findings of one content weighed into one origin, with the reasons."""
