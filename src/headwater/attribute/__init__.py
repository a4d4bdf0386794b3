"""What ties pictures to each other and to what they came from: shared keys, the upstream graph, one hand's work."""
