"""Recipes: what to find, check and report about the pictures of everyday jobs, as data files and the code they name."""
