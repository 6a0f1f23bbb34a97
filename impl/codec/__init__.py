"""Octet codecs of every interface: one module per standard, each both directions."""
