"""YAML to Profile to compiled Plan: schema, inheritance, lint, explain, digest."""
