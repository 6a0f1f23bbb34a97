"""What runs the nodes: the only place with clocks, randomness, stores, sockets and TLS."""
