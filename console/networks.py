"""Networks as people write them: a list with commas."""

from __future__ import annotations

import ipaddress


def networks_in(text: str) -> str:
    """Return networks in their shortest form, with commas between them.

    Args:
        text: Networks such as 10.0.0.0/24, or single addresses.

    Raises:
        ValueError: One of them is none, or is everybody, or there is none; the sentence says which.
    """
    found = []
    for each in filter(None, (part.strip() for part in text.split(","))):
        try:
            interface = ipaddress.ip_interface(each)
        except ValueError as error:
            raise ValueError(f"{each} is no network such as 10.0.0.0/24") from error
        network = interface.network
        if interface.ip != network.network_address:
            raise ValueError(
                f"{each} is an address in a network: did you mean {network}, or "
                f"{interface.ip} alone?"
            )
        if network.prefixlen == 0:
            raise ValueError(f"{each} is everybody: name the network of the proxy alone")
        found.append(str(network))
    if not found:
        raise ValueError("a network such as 10.0.0.0/24 is needed")
    return ",".join(found)
