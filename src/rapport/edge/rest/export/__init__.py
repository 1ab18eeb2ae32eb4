"""Exports: all records that a filter finds, as CSV or as lines of JSON, however many they are."""
