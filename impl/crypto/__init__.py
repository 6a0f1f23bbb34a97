"""Algorithms of the card and the authentication centre, over AES of the cryptography library."""
