"""Ask the process on this port whether it lives, by a host name it answers; the container's health check."""

from __future__ import annotations

import os
import sys
from urllib.request import Request, urlopen


def main() -> None:
    """Raises URLError, and so exits with 1, when there is no good answer."""
    host = os.environ.get("ALLOWED_HOSTS", "localhost").split(",")[0].strip().lstrip(".")
    address = f"http://127.0.0.1:{int(sys.argv[1])}/live"
    urlopen(Request(address, headers={"Host": "localhost" if host == "*" else host}), timeout=4).read()


if __name__ == "__main__":
    main()
