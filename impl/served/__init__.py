"""The nodes as they are deployed: processes, sockets of the field's protocols, real time.

`host.py` carries events and commands between the nodes of one process and links; each `*_link.py`
is one protocol of the field on one kind of link; `deployment.py` says who listens where.
"""
