"""What the standard says, as data with its edition: look-ups, no logic."""
