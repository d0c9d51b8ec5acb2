"""Following feeds: what is new on the sites that a newsroom watches is read into the ledger.

``following.Follower`` makes the rounds, ``manners`` keeps to what sites ask of a visitor, ``memory`` knows what was
seen, and ``commands`` is `sayso follow`.
"""
