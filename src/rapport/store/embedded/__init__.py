"""The PostgreSQL that Rapport brings: started, watched and stopped by our own code, in a folder of ours."""

from rapport.store.embedded.cluster import cluster_folder
from rapport.store.embedded.lock import InUse
from rapport.store.embedded.server import EmbeddedServer, address_of_running

__all__ = ["EmbeddedServer", "InUse", "address_of_running", "cluster_folder"]
