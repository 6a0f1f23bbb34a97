"""The complete system of the specification, on real octets."""
