"""What programs keep on the disk of who makes pictures: one reader for each program's file, told by its content."""
