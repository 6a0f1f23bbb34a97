"""Versions of the tables of the home register, one file a version."""
