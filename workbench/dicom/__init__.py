"""Bytes to elements and back: a bounded streaming walker, file meta, encapsulated frames, inputs."""
