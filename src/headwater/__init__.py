"""Headwater follows a picture upstream: to the camera or generator, the device and the person it came from."""

__version__ = "0.1.0"
