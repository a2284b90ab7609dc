"""Just enough of AWS Signature Version 4 to make a bucket."""

import datetime
import hashlib
import hmac
import ssl
import urllib.error
import urllib.request

from .common import REGION


def sign(method, host, target, body, access, secret, now):
    """Headers of a request. Sources: AWS General Reference, Signature Version 4."""
    path, _, query = target.partition("?")
    stamp = now.strftime("%Y%m%dT%H%M%SZ")
    scope = f"{stamp[:8]}/{REGION}/s3/aws4_request"
    payload = hashlib.sha256(body).hexdigest()
    headers = {"host": host, "x-amz-content-sha256": payload, "x-amz-date": stamp}
    names = ";".join(headers)
    lines = "".join(f"{name}:{value}\n" for name, value in headers.items())
    canonical = f"{method}\n{path}\n{query}\n{lines}\n{names}\n{payload}"
    digest = hashlib.sha256(canonical.encode()).hexdigest()
    key = f"AWS4{secret}".encode()
    for part in (stamp[:8], REGION, "s3", "aws4_request"):
        key = hmac.digest(key, part.encode(), "sha256")
    signature = hmac.new(key, f"AWS4-HMAC-SHA256\n{stamp}\n{scope}\n{digest}".encode(), "sha256")
    headers["authorization"] = (
        f"AWS4-HMAC-SHA256 Credential={access}/{scope}, SignedHeaders={names}, Signature={signature.hexdigest()}"
    )
    return headers


def ask(method, port, target, access, secret, ca_file=None, body=b""):
    """The status of one signed request; 0 if nobody answers. With a CA file it goes over TLS. `target` is encoded as it is signed."""
    host = f"127.0.0.1:{port}"
    now = datetime.datetime.now(datetime.timezone.utc)
    request = urllib.request.Request(
        f"{'https' if ca_file else 'http'}://{host}{target}",
        method=method,
        data=body or None,
        headers=sign(method, host, target, body, access, secret, now),
    )
    handlers = [urllib.request.ProxyHandler({})]
    if ca_file:
        handlers.append(urllib.request.HTTPSHandler(context=ssl.create_default_context(cafile=str(ca_file))))
    opener = urllib.request.build_opener(*handlers)
    try:
        with opener.open(request, timeout=10) as response:
            return response.status
    except urllib.error.HTTPError as error:
        return error.code
    except OSError:
        return 0
