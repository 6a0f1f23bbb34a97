"""One operator's network: HLR with AuC and identity pool, VLR, SMSC and customer centre."""
