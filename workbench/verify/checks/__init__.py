"""The checks, small ones. Each names the rule that it enforces."""
