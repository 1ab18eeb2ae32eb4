"""How much anybody may ask of the server: requests in a minute, requests at a time, and the patience with slow clients.

`docs/limits.md` has all limits in one table.
"""
