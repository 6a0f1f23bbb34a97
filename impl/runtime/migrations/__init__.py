"""Versions of the tables, by alembic: a folder a kind of node, in it a file a version."""
