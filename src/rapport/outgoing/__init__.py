"""Requests to addresses that users give: one client for all of them, which reaches nothing private."""
