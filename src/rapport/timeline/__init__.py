"""The timeline: what has happened to a record, kept beside it as records of the object timelineActivity."""
