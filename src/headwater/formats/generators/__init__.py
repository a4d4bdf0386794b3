"""What picture generators write into files: one reader for each layout, each a small file of its own."""
