"""Which addresses only this machine can reach."""

import ipaddress

LOCAL_NAMES = ("localhost", "127.0.0.1", "[::1]", "::1")
"""Names by which a browser or a client on this machine calls it."""


def is_loopback(host: str) -> bool:
    """Say whether only this machine can reach an address or a name."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
