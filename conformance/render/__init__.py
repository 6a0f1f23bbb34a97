"""Renderings of a report for people."""
