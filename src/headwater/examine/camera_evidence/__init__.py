"""What a file has of a camera: its facts read once, the rules they must keep, and the encoders known to cameras."""
