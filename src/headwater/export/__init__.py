"""Floor 3: pure writers. A record goes in, bytes come out; nothing here opens evidence or a database."""
