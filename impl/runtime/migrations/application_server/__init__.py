"""Versions of the tables of the application server, one file a version."""
