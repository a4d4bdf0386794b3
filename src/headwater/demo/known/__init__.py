"""What others know already: sets in the public exchange formats, with the traps that real ones hold."""
