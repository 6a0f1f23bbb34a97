"""Versions of the tables of the short message centre, one file a version."""
