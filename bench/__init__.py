"""How close a request comes to PostgreSQL's own limit: `make bench`, explained in bench/README.md."""
