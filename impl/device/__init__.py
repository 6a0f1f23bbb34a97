"""The communication device: terminal, toolkit engine and device personalization application."""
