"""What the specification says, as state machines without octets. Read `model.method` first."""
