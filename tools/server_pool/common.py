"""What the modules share: places, and failures in words."""

import pathlib
import sys
from dataclasses import dataclass

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
CACHE = ROOT / ".cache"


class Failure(Exception):
    """What stops the tool, in words for its user."""


class Missing(Failure):
    """A server that is not installed."""


@dataclass(frozen=True)
class Place:
    """Where a server runs. Its data is in folder/data, its certificate in folder/certificates."""

    program: str
    folder: pathlib.Path
    port: int
    tls: bool

    @property
    def url(self):
        return f"{'https' if self.tls else 'http'}://127.0.0.1:{self.port}"

    @property
    def data(self):
        return self.folder / "data"

    @property
    def certificate(self):
        return self.folder / "certificates" / "public.crt"

    @property
    def key(self):
        return self.folder / "certificates" / "private.key"

    @property
    def ca_file(self):
        return self.folder / "certificates" / "ca.pem" if self.tls else None

    def trust(self):
        """What makes OpenSSL's programs trust it."""
        return {"SSL_CERT_FILE": str(self.ca_file)} if self.tls else {}


def say(text):
    print(f"servers: {text}", file=sys.stderr, flush=True)
