"""Development tools that write the data files of `workbench.standard` and `workbench.text` from their sources.

Nothing of the product imports this package; it needs the `dev` extra. Run for example
`python -m workbench.standard.build.dictionary`; the result is committed, and a test fails when it is stale.
"""
