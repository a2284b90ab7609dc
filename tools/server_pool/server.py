"""One running server, with a fresh data folder, credentials of its own, and its buckets made."""

import ctypes
import os
import pathlib
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
import time

from .asking import ask
from .certificates import make_certificates
from .common import REGION, Failure, Missing
from .install import find_server


VERSIONED = "cairn-versions"
VERSIONING_ON = (
    b'<VersioningConfiguration xmlns="http://s3.amazonaws.com/doc/2006-03-01/">'
    b"<Status>Enabled</Status></VersioningConfiguration>"
)


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def has_user_attributes(folder):
    try:
        os.setxattr(folder, "user.cairn", b"1")
        os.removexattr(folder, "user.cairn")
        return True
    except OSError:
        return False


def minio_command(program, port, folder, access, secret, tls):
    environment = {
        "MINIO_ROOT_USER": access,
        "MINIO_ROOT_PASSWORD": secret,
        "MINIO_DOMAIN": "localhost",
        "MINIO_BROWSER": "off",
        "MINIO_UPDATE": "off",
    }
    certificates = folder / "certificates"  # without any in it, MinIO speaks plain HTTP
    if not tls:
        certificates.mkdir()
    command = [program, "server", str(folder / "data"), "--address", f"127.0.0.1:{port}"]
    return command + ["--console-address", "127.0.0.1:0", "--certs-dir", str(certificates)], environment


def versitygw_command(program, port, folder, access, secret, tls):
    # The posix backend keeps metadata in extended attributes; where there are none, in a folder beside the data.
    attributes = []
    if not has_user_attributes(folder / "data"):
        (folder / "attributes").mkdir()
        attributes = ["--sidecar", str(folder / "attributes")]
    command = [program, "--keep-alive", "--quiet", "--region", REGION, "--port", f"127.0.0.1:{port}"]
    if tls:
        certificates = folder / "certificates"
        command += ["--cert", str(certificates / "public.crt"), "--key", str(certificates / "private.key")]
    (folder / "versions").mkdir()
    backend = ["posix", "--versioning-dir", str(folder / "versions"), *attributes, str(folder / "data")]
    command += ["--virtual-domain", "localhost", *backend]
    return command, {"ROOT_ACCESS_KEY_ID": access, "ROOT_SECRET_ACCESS_KEY": secret}


COMMANDS = {"minio": minio_command, "versitygw": versitygw_command}


def die_with_parent():
    PR_SET_PDEATHSIG = 1
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


class Server:
    """A server with a fresh data folder, credentials of its own, and its buckets made."""

    def __init__(self, name, buckets, memory=False, tls=False, versions=False, detached=False):
        self.name = name
        self.versions = versions
        self.tls = tls
        program = find_server(name)
        if not program:
            raise Missing(f"{name} not found: run tools/servers install {name}")
        place = "/dev/shm" if memory and os.path.isdir("/dev/shm") else None
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix=f"cairn-{name}-", dir=place))
        self.buckets = buckets
        self.access, self.secret = "cairn" + secrets.token_hex(6), secrets.token_hex(16)
        self.process = None
        try:
            # A free port may be taken between the look and the start: then another one.
            for _ in range(5):
                self.port = free_port()
                if self._start(program, detached):
                    break
            else:
                raise Failure(f"{name} does not start:\n{self.log_tail()}")
            for bucket in buckets:
                status = self.ask("PUT", f"/{bucket}")
                if status not in (200, 204):
                    raise Failure(f"{name} refuses the bucket {bucket}: HTTP {status}")
            if versions:
                self._make_versioned_bucket()
        except BaseException:
            self.stop()
            raise

    def _start(self, program, detached):
        shutil.rmtree(self.folder)
        (self.folder / "data").mkdir(parents=True)
        if self.tls:
            make_certificates(self.folder / "certificates")
        command, extra = COMMANDS[self.name](program, self.port, self.folder, self.access, self.secret, self.tls)
        inherited = {k: v for k, v in os.environ.items() if not k.startswith(("AWS_", "MINIO_", "VGW_"))}
        with open(self.folder / "log", "wb") as log:
            self.process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=inherited | extra,
                cwd=self.folder,
                start_new_session=True,
                preexec_fn=None if detached else die_with_parent,
            )
        deadline = time.monotonic() + 90
        while time.monotonic() < deadline and self.process.poll() is None:
            if self.ask("GET", "/") == 200:
                return True
            time.sleep(0.05)
        self.process.kill()
        self.process.wait()
        return False

    def ca_file(self):
        return self.folder / "certificates" / "ca.pem" if self.tls else None

    def ask(self, method, target, body=b""):
        return ask(method, self.port, target, self.access, self.secret, self.ca_file(), body)

    def _make_versioned_bucket(self):
        made = self.ask("PUT", f"/{VERSIONED}")
        switched = self.ask("PUT", f"/{VERSIONED}?versioning=", VERSIONING_ON)
        if made not in (200, 204) or switched not in (200, 204):
            raise Failure(f"{self.name} keeps no versions: HTTP {made}, {switched}")

    def environment(self):
        endpoint = f"{'https' if self.tls else 'http'}://127.0.0.1:{self.port}"
        values = {
            "AWS_ENDPOINT_URL": endpoint,
            "AWS_ACCESS_KEY_ID": self.access,
            "AWS_SECRET_ACCESS_KEY": self.secret,
            "AWS_REGION": REGION,
            "AWS_EC2_METADATA_DISABLED": "true",
            "CAIRN_TEST_SERVER": self.name,
        }
        if self.tls:
            values["AWS_CA_BUNDLE"] = str(self.ca_file())
        if self.versions:
            values["CAIRN_TEST_VERSIONED_URL"] = f"s3://{VERSIONED}"
        if self.buckets:
            values["CAIRN_TEST_URL"] = f"s3://{self.buckets[0]}"
        return values

    def log_tail(self):
        try:
            return (self.folder / "log").read_text(errors="replace")[-2000:]
        except OSError:
            return "(no log)"

    def stop(self):
        if self.process and self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(timeout=5)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)
