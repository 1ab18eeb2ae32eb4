"""What areas of system operations are made of. See docs/architecture.md, "How to add an area"."""
