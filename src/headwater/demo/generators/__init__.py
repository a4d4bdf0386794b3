"""What picture generators write into their files and leave beside them, in the layouts their public sources use."""
