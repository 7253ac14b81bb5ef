"""Routes beside the app: the gate, sign-in, health."""
