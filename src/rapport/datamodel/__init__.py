"""The data model as clients read and change it: objects, fields, indexes."""
