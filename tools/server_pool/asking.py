"""One HTTP request to a server of ours, past every proxy."""

import ssl
import urllib.error
import urllib.request


def ask(place, method, target, headers=None, body=b""):
    """The status and the body of the answer; 0 if nobody answers. `target` is sent as it is, so it is encoded already."""
    request = urllib.request.Request(f"{place.url}{target}", method=method, data=body or None, headers=headers or {})
    handlers = [urllib.request.ProxyHandler({})]
    if place.tls:
        handlers.append(urllib.request.HTTPSHandler(context=ssl.create_default_context(cafile=str(place.ca_file))))
    try:
        with urllib.request.build_opener(*handlers).open(request, timeout=10) as response:
            return response.status, response.read()
    except urllib.error.HTTPError as error:
        return error.code, error.read()
    except OSError:
        return 0, b""
