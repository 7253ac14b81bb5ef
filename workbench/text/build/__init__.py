"""Development tools that write `data/known_terms.txt.gz`. Nothing of the product imports this package."""
