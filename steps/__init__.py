"""The vocabulary of the features, the drivers under it and the checks over it."""
