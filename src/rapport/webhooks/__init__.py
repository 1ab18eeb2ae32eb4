"""Webhooks: endpoints that are told of events of a workspace, what they are told, and what they answered."""
