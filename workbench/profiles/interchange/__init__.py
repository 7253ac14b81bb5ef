"""Recipes of the deid package: into a profile, and a profile into a recipe, with what the other cannot say."""
