"""What a browser sees: the pages built from the project's ``ui/`` folder and the routes that serve them."""
