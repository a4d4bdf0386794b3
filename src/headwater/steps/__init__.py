"""Floor 5: one public function per verb (ingest, examine, close, verify ...), each given a Workspace."""
