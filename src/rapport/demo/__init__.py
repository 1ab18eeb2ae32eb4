"""The demo workspace: invented companies, people and deals, the same on every machine."""
