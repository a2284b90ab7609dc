"""One running server, with a fresh data folder, credentials of its own, and its buckets made."""

import ctypes
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import tempfile
import time

from .azurite import Azurite
from .certificates import make_certificates
from .common import Failure, Missing, Place
from .fake_gcs import FakeGcs
from .install import find_server
from .nginx import Nginx
from .s3 import Minio, Versitygw

KINDS = {"azurite": Azurite, "fake-gcs": FakeGcs, "minio": Minio, "nginx": Nginx, "versitygw": Versitygw}

# What a user has set for himself; neither servers nor their users may see it.
PRIVATE = (
    "AWS_",
    "AZURE_",
    "AZURITE_",
    "CLOUDSDK_",
    "GCE_METADATA_",
    "GCLOUD_",
    "GOOGLE_",
    "IDENTITY_",
    "MINIO_",
    "MSI_",
    "STORAGE_EMULATOR_HOST",
    "VGW_",
)


def inherited():
    return {name: value for name, value in os.environ.items() if not name.startswith(PRIVATE)}


def nowhere(folder):
    """Files of a user's settings that hold none."""
    empty = str(folder / "nothing")
    return {
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "AZURE_CONFIG_DIR": empty,
        "CLOUDSDK_CONFIG": empty,
    }


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def die_with_parent():
    PR_SET_PDEATHSIG = 1
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


class Server:
    """A server with a fresh data folder, credentials of its own, and its buckets made."""

    def __init__(self, name, buckets, memory=False, tls=False, versions=False, detached=False):
        self.name = name
        self.buckets = buckets
        kind = KINDS[name]
        if versions and not hasattr(kind, "make_versioned_bucket"):
            raise Failure(f"{name} keeps no versions: leave --versions out")
        program = find_server(name)
        if not program:
            raise Missing(f"{name} not found: run tools/servers install {name}")
        place = "/dev/shm" if memory and os.path.isdir("/dev/shm") else None
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix=f"cairn-{name}-", dir=place))
        self.process = None
        self.more = {}
        try:
            # A free port may be taken between the look and the start: then another one.
            for _ in range(5):
                self.kind = kind(Place(program, self.folder, free_port(), tls))
                if self._start(detached):
                    break
            else:
                raise Failure(f"{name} does not start:\n{self.log_tail()}")
            self.kind.prepare()
            for bucket in buckets:
                status = self.kind.make_bucket(bucket)
                if status not in (200, 201, 204):
                    raise Failure(f"{name} refuses the bucket {bucket}: HTTP {status}")
            if versions:
                self.more = self.kind.make_versioned_bucket()
        except BaseException:
            self.stop()
            raise

    def _start(self, detached):
        shutil.rmtree(self.folder)
        self.kind.place.data.mkdir(parents=True)
        if self.kind.place.tls:
            make_certificates(self.folder / "certificates")
        command, extra = self.kind.command()
        with open(self.folder / "log", "wb") as log:
            self.process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=inherited() | extra,
                cwd=self.folder,
                start_new_session=True,
                preexec_fn=None if detached else die_with_parent,
            )
        deadline = time.monotonic() + 90
        while time.monotonic() < deadline and self.process.poll() is None:
            if self.kind.is_ready():
                return True
            time.sleep(0.05)
        self.process.kill()
        self.process.wait()
        return False

    def environment(self):
        values = {"CAIRN_TEST_SERVER": self.name} | self.kind.environment() | self.more
        if self.buckets:
            values["CAIRN_TEST_URL"] = self.kind.url_of(self.buckets[0])
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
