"""Plan and instance to a new header and its Changes. Pure."""
