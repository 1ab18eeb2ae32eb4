"""The data model of a workspace as a YAML file that people read, compare and change."""
