"""The application server: takes requests, gets identities, personalizes cards."""
