"""Content credentials (C2PA): the one caller of the SDK, its report as records, and what the signed history states."""
