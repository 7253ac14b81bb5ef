"""The sceptic: another parser, other logic, small checks that yield Findings."""
