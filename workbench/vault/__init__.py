"""Keys, sealed values and keyed look-ups."""
