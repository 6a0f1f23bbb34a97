"""Checks that hold a whole system against the model, beyond single scenarios."""
