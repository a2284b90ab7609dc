"""MinIO and versitygw: real S3 servers that verify signatures and checksums."""

import datetime
import hashlib
import hmac
import json
import os
import re
import secrets
import subprocess
import urllib.parse

from .asking import ask
from .common import Failure

REGION = "us-east-1"
VERSIONED = "cairn-versions"
VERSIONING_ON = (
    b'<VersioningConfiguration xmlns="http://s3.amazonaws.com/doc/2006-03-01/">'
    b"<Status>Enabled</Status></VersioningConfiguration>"
)


def sign(method, host, target, body, access, secret, now, service="s3"):
    """Headers of a request. Sources: AWS General Reference, Signature Version 4."""
    path, _, query = target.partition("?")
    stamp = now.strftime("%Y%m%dT%H%M%SZ")
    scope = f"{stamp[:8]}/{REGION}/{service}/aws4_request"
    payload = hashlib.sha256(body).hexdigest()
    headers = {"host": host, "x-amz-content-sha256": payload, "x-amz-date": stamp}
    names = ";".join(headers)
    lines = "".join(f"{name}:{value}\n" for name, value in headers.items())
    canonical = f"{method}\n{path}\n{query}\n{lines}\n{names}\n{payload}"
    digest = hashlib.sha256(canonical.encode()).hexdigest()
    key = f"AWS4{secret}".encode()
    for part in (stamp[:8], REGION, service, "aws4_request"):
        key = hmac.digest(key, part.encode(), "sha256")
    signature = hmac.new(key, f"AWS4-HMAC-SHA256\n{stamp}\n{scope}\n{digest}".encode(), "sha256")
    headers["authorization"] = (
        f"AWS4-HMAC-SHA256 Credential={access}/{scope}, SignedHeaders={names}, Signature={signature.hexdigest()}"
    )
    return headers


class S3:
    """What both have in common. A second user, CAIRN_TEST_OTHER_…, may do nothing with the buckets."""

    def __init__(self, place):
        self.place = place
        self.access, self.secret = new_keys()
        self.other = {}  # what his variables end in -> their values

    def ask(self, method, target, body=b"", service="s3"):
        now = datetime.datetime.now(datetime.timezone.utc)
        host = f"127.0.0.1:{self.place.port}"
        headers = sign(method, host, target, body, self.access, self.secret, now, service)
        if service == "sts":
            headers["content-type"] = "application/x-www-form-urlencoded"
        return ask(self.place, method, target, headers, body)

    def is_ready(self):
        return self.ask("GET", "/")[0] == 200

    def make_bucket(self, name):
        return self.ask("PUT", f"/{name}")[0]

    def make_versioned_bucket(self):
        made = self.make_bucket(VERSIONED)
        switched, _ = self.ask("PUT", f"/{VERSIONED}?versioning=", VERSIONING_ON)
        if made not in (200, 204) or switched not in (200, 204):
            raise Failure(f"it keeps no versions: HTTP {made}, {switched}")
        return {"CAIRN_TEST_VERSIONED_URL": f"s3://{VERSIONED}"}

    def url_of(self, bucket):
        return f"s3://{bucket}"

    def environment(self):
        values = {
            "AWS_ENDPOINT_URL": self.place.url,
            "AWS_ACCESS_KEY_ID": self.access,
            "AWS_SECRET_ACCESS_KEY": self.secret,
            "AWS_REGION": REGION,
            "AWS_EC2_METADATA_DISABLED": "true",
        }
        if self.place.tls:
            values["AWS_CA_BUNDLE"] = str(self.place.ca_file)
        return values | {f"CAIRN_TEST_OTHER_{name}": value for name, value in self.other.items()}


def new_keys():
    return "cairn" + secrets.token_hex(6), secrets.token_hex(16)


class Minio(S3):
    def command(self):
        environment = {
            "MINIO_ROOT_USER": self.access,
            "MINIO_ROOT_PASSWORD": self.secret,
            "MINIO_DOMAIN": "localhost",
            "MINIO_BROWSER": "off",
            "MINIO_UPDATE": "off",
        }
        certificates = self.place.folder / "certificates"  # without any in it, MinIO speaks plain HTTP
        certificates.mkdir(exist_ok=True)
        command = [self.place.program, "server", str(self.place.data), "--address", f"127.0.0.1:{self.place.port}"]
        return command + ["--console-address", "127.0.0.1:0", "--certs-dir", str(certificates)], environment

    def is_ready(self):
        # Its users come up after its buckets: "Server not initialized, please try again".
        return super().is_ready() and self.start_session()

    def prepare(self):
        pass

    def start_session(self):
        """The other user is a session of ours that keeps next to no permission. Source: MinIO, docs/sts/assume-role.md."""
        allowed = {"Effect": "Allow", "Action": ["s3:GetObject"], "Resource": ["arn:aws:s3:::cairn-none-of-ours/*"]}
        form = {
            "Action": "AssumeRole",
            "Version": "2011-06-15",
            "DurationSeconds": 43200,
            "Policy": json.dumps({"Version": "2012-10-17", "Statement": [allowed]}),
        }
        status, answer = self.ask("POST", "/", urllib.parse.urlencode(form).encode(), "sts")
        found = dict(re.findall(r"<(AccessKeyId|SecretAccessKey|SessionToken)>([^<]+)<", answer.decode()))
        if status != 200:
            return False
        self.other = {
            "ACCESS_KEY_ID": found["AccessKeyId"],
            "SECRET_ACCESS_KEY": found["SecretAccessKey"],
            "SESSION_TOKEN": found["SessionToken"],
        }
        return True


class Versitygw(S3):
    def command(self):
        place = self.place
        # The posix backend keeps metadata in extended attributes; where there are none, in a folder beside the data.
        attributes = []
        if not has_user_attributes(place.data):
            (place.folder / "attributes").mkdir()
            attributes = ["--sidecar", str(place.folder / "attributes")]
        command = [place.program, "--keep-alive", "--quiet", "--region", REGION, "--port", f"127.0.0.1:{place.port}"]
        if place.tls:
            command += ["--cert", str(place.certificate), "--key", str(place.key)]
        for folder in ("versions", "users"):
            (place.folder / folder).mkdir()
        command += ["--virtual-domain", "localhost", "--iam-dir", str(place.folder / "users")]
        command += ["posix", "--versioning-dir", str(place.folder / "versions"), *attributes, str(place.data)]
        return command, {"ROOT_ACCESS_KEY_ID": self.access, "ROOT_SECRET_ACCESS_KEY": self.secret}

    def prepare(self):
        """The other user owns no bucket."""
        access, secret = new_keys()
        command = [self.place.program, "admin", "--endpoint-url", self.place.url, "--region", REGION]
        command += ["create-user", "--access", access, "--secret", secret, "--role", "user"]
        keys = {"ADMIN_ACCESS_KEY_ID": self.access, "ADMIN_SECRET_ACCESS_KEY": self.secret}
        environment = os.environ | keys | self.place.trust()
        made = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
        if made.returncode != 0:
            raise Failure(f"versitygw makes no user:\n{made.stderr[-500:]}")
        self.other = {"ACCESS_KEY_ID": access, "SECRET_ACCESS_KEY": secret}


def has_user_attributes(folder):
    try:
        os.setxattr(folder, "user.cairn", b"1")
        os.removexattr(folder, "user.cairn")
        return True
    except OSError:
        return False
