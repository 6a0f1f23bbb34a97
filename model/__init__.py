"""What the specification says, as state machines: symbols only, no octets. Read `model.method` first."""
