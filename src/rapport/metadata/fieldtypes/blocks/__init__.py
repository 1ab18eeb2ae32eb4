"""The editor's blocks (the JSON of a rich text) and their way to and from Markdown."""
