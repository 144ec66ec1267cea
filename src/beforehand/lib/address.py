"""Where a request comes from, behind as many proxies as the settings say (BEFOREHAND_PROXIES)."""

import ipaddress
from collections.abc import Mapping

from django.conf import settings


def address_of(peer: str, forwarded: str) -> str:
    """The address of whoever asks: the peer's, or what the outermost proxy of ours wrote. IPv6 by its /64, since one
    customer has a whole one."""
    count = settings.ALLAUTH_TRUSTED_PROXY_COUNT
    named = [part.strip() for part in forwarded.split(",") if part.strip()]
    text = named[-count] if 0 < count <= len(named) else peer
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return peer
    return str(ipaddress.ip_network(f"{address}/64", strict=False)) if address.version == 6 else str(address)


def asked_from(meta: Mapping[str, str]) -> str:
    """The address of a Django request, out of its META."""
    return address_of(meta.get("REMOTE_ADDR", ""), meta.get("HTTP_X_FORWARDED_FOR", ""))
