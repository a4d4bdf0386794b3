"""Floor 7: the command line. A command opens the workspace, makes one call, shows."""
