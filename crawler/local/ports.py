"""Free ports of the loopback interface."""

import socket
from itertools import chain

from crawler.errors import HubGenealogyError
from crawler.local.configuration import HOST

PORTS_TRIED = 500


def is_free(port: int) -> bool:
    """Whether a program may listen on a port of the loopback interface now."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # what the server does, too
        try:
            probe.bind((HOST, port))
            probe.listen()
        except OSError:
            return False
        return True


def free_port(preferred: int, first: int) -> int:
    """`preferred` if it is free on the loopback interface, else the first free port from `first` on."""
    for port in chain([preferred], range(first, first + PORTS_TRIED)):
        if is_free(port):
            return port
    raise HubGenealogyError(f"no free port for Neo4j: {first} to {first + PORTS_TRIED - 1} are taken on {HOST}")
