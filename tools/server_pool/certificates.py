"""A certificate authority and a certificate for 127.0.0.1, made for one run with the openssl command line."""

import subprocess

from .common import Failure

NAMES = "subjectAltName=IP:127.0.0.1,DNS:localhost,DNS:*.localhost\n"
KEY = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]


def openssl(*arguments):
    done = subprocess.run(["openssl", *map(str, arguments)], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise Failure(f"openssl {arguments[0]} failed:\n{done.stderr[-1000:]}")


def make_certificates(folder):
    """Writes ca.pem, public.crt and private.key (the names that MinIO wants) into the folder."""
    folder.mkdir()
    names, request = folder / "names", folder / "request"
    names.write_text(NAMES)
    ca, ca_key = folder / "ca.pem", folder / "ca.key"
    openssl("req", "-x509", *KEY, "-keyout", ca_key, "-out", ca, "-days", 2, "-subj", "/CN=cairn test authority")
    openssl("req", *KEY, "-keyout", folder / "private.key", "-out", request, "-subj", "/CN=127.0.0.1")
    signing = ["-CA", ca, "-CAkey", ca_key, "-CAcreateserial", "-days", 2, "-extfile", names]
    openssl("x509", "-req", "-in", request, *signing, "-out", folder / "public.crt")
    ca_key.unlink()
