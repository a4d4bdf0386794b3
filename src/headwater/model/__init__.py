"""Floor 1: plain frozen records and the words for them. No I/O, standard library only."""
