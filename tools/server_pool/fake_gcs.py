"""fake-gcs-server: the JSON API of Google Cloud Storage, without credentials. Its data is in memory only."""

import json

from .asking import ask


class FakeGcs:
    def __init__(self, place):
        self.place = place

    def command(self):
        place = self.place
        address = f"127.0.0.1:{place.port}"
        command = [place.program, "-backend", "memory", "-host", "127.0.0.1", "-port", str(place.port)]
        # The public host is in the links that it gives out, and is what it takes requests for.
        command += ["-public-host", address, "-external-url", place.url, "-log-level", "warn"]
        command += ["-scheme", "https" if place.tls else "http"]
        if place.tls:
            command += ["-cert-location", str(place.certificate), "-private-key-location", str(place.key)]
        return command, {}

    def is_ready(self):
        return ask(self.place, "GET", "/storage/v1/b?project=test")[0] == 200

    def prepare(self):
        pass

    def make_bucket(self, name):
        headers = {"content-type": "application/json"}
        return ask(self.place, "POST", "/storage/v1/b?project=test", headers, json.dumps({"name": name}).encode())[0]

    def url_of(self, bucket):
        return f"gs://{bucket}"

    def environment(self):
        return {"STORAGE_EMULATOR_HOST": self.place.url} | self.place.trust()
