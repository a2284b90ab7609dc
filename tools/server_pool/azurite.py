"""Azurite: Azure's blob storage, with shared keys and shared access signatures verified."""

import base64
import email.utils
import hashlib
import hmac
import secrets

from .asking import ask

VERSION = "2021-12-02"


def sign(method, account, key, path, query, date):
    """The Authorization of a request without a body. Source: Azure, "Authorize with Shared Key"."""
    headers = f"x-ms-date:{date}\nx-ms-version:{VERSION}\n"
    parameters = "".join(f"\n{name}:{value}" for name, value in sorted(query.items()))
    # The account stands twice where the URL names it in its path.
    text = f"{method}" + "\n" * 12 + f"{headers}/{account}/{account}{path}{parameters}"
    digest = hmac.digest(base64.b64decode(key), text.encode(), hashlib.sha256)
    return f"SharedKey {account}:{base64.b64encode(digest).decode()}"


class Azurite:
    def __init__(self, place):
        self.place = place
        self.account = "cairn" + secrets.token_hex(6)
        self.key = base64.b64encode(secrets.token_bytes(64)).decode()

    def command(self):
        place = self.place
        command = [place.program, "--blobHost", "127.0.0.1", "--blobPort", str(place.port), "--location", str(place.data)]
        # Azure's own SDKs, which are test peers, speak newer versions of the API than it knows.
        command += ["--disableTelemetry", "--silent", "--skipApiVersionCheck"]
        if place.tls:
            command += ["--cert", str(place.certificate), "--key", str(place.key)]
        return command, {"AZURITE_ACCOUNTS": f"{self.account}:{self.key}"}

    def ask(self, method, path, query):
        date = email.utils.formatdate(usegmt=True)
        target = f"/{self.account}{path}?" + "&".join(f"{name}={value}" for name, value in query.items())
        headers = {"x-ms-date": date, "x-ms-version": VERSION}
        headers["authorization"] = sign(method, self.account, self.key, path, query, date)
        return ask(self.place, method, target, headers)

    def is_ready(self):
        return self.ask("GET", "/", {"comp": "list"})[0] == 200

    def prepare(self):
        pass

    def make_bucket(self, name):
        return self.ask("PUT", f"/{name}", {"restype": "container"})[0]

    def url_of(self, bucket):
        return f"az://{bucket}"

    def environment(self):
        scheme = "https" if self.place.tls else "http"
        values = {
            "DefaultEndpointsProtocol": scheme,
            "AccountName": self.account,
            "AccountKey": self.key,
            "BlobEndpoint": f"{self.place.url}/{self.account}",
        }
        string = "".join(f"{name}={value};" for name, value in values.items())
        return {"AZURE_STORAGE_CONNECTION_STRING": string} | self.place.trust()


