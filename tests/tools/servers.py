"""tools/servers with one server: what its command sees, what is left behind. Works in a copy, so that a server which somebody has
started from the checkout is not touched."""

import json
import os
import pathlib
import shutil
import ssl
import subprocess
import sys
import tempfile
import unittest
import urllib.error
import urllib.request

NAME = sys.argv.pop(1)
CHECKOUT = pathlib.Path(__file__).resolve().parent.parent.parent
SHOW = [sys.executable, "-c", "import json, os; print(json.dumps(dict(os.environ))); raise SystemExit(7)"]
MINE = {
    "AWS_PROFILE": "mine",
    "AZURE_STORAGE_KEY": "mine",
    "CLOUDSDK_CORE_PROJECT": "mine",
    "GOOGLE_APPLICATION_CREDENTIALS": "mine",
    "STORAGE_EMULATOR_HOST": "mine",
}
EXPECTED = {
    "azurite": {"AZURE_STORAGE_CONNECTION_STRING": "BlobEndpoint=", "CAIRN_TEST_URL": "az://data"},
    "fake-gcs": {"STORAGE_EMULATOR_HOST": "http", "CAIRN_TEST_URL": "gs://data"},
    "minio": {"AWS_ENDPOINT_URL": "http", "CAIRN_TEST_URL": "s3://data", "CAIRN_TEST_OTHER_ACCESS_KEY_ID": ""},
    "nginx": {"CAIRN_TEST_URL": "http"},
    "versitygw": {"AWS_ENDPOINT_URL": "http", "CAIRN_TEST_URL": "s3://data", "CAIRN_TEST_OTHER_ACCESS_KEY_ID": ""},
}[NAME]


def endpoint(environment):
    """Where the server listens, of whatever its users are told."""
    settings = dict(part.split("=", 1) for part in environment.get("AZURE_STORAGE_CONNECTION_STRING", "").split(";") if part)
    for url in (
        settings.get("BlobEndpoint"),
        environment.get("STORAGE_EMULATOR_HOST"),
        environment.get("AWS_ENDPOINT_URL"),
        environment.get("CAIRN_TEST_URL"),
    ):
        if url:
            return url
    raise AssertionError("no endpoint")


def status_of(url, ca_file=None):
    """0: nobody listens."""
    handlers = [urllib.request.ProxyHandler({})]
    if ca_file:
        handlers.append(urllib.request.HTTPSHandler(context=ssl.create_default_context(cafile=ca_file)))
    try:
        with urllib.request.build_opener(*handlers).open(url, timeout=30) as answer:
            return answer.status
    except urllib.error.HTTPError as error:
        return error.code
    except urllib.error.URLError as error:
        if isinstance(error.reason, ConnectionRefusedError):
            return 0
        raise


class Servers(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="cairn-servers-")
        self.addCleanup(folder.cleanup)
        self.root = pathlib.Path(folder.name)
        (self.root / "tools").mkdir()
        shutil.copy(CHECKOUT / "tools/servers", self.root / "tools")
        shutil.copytree(CHECKOUT / "tools/server_pool", self.root / "tools/server_pool")
        self.temporary = self.root / "temporary"
        self.temporary.mkdir()
        self.installed = os.pathsep.join([os.environ.get("CAIRN_SERVERS", ""), str(CHECKOUT / ".cache/bin")])

    def servers(self, *arguments, **environment):
        own = {"CAIRN_SERVERS": self.installed, "TMPDIR": str(self.temporary), **environment}
        command = [self.root / "tools/servers", *arguments]
        done = subprocess.run(command, env=os.environ | own, capture_output=True, text=True, timeout=120, check=False)
        if "not found: run tools/servers install" in done.stderr and "PATH" not in environment:
            print(done.stderr, file=sys.stderr)
            sys.exit(1 if os.environ.get("CI") == "true" else 77)
        return done

    def test_the_command_sees_the_server_and_nothing_that_the_user_has_set(self):
        done = self.servers("run", NAME, "--bucket", "data", "--", *SHOW, **MINE)

        self.assertEqual(done.returncode, 7, done.stderr)
        seen = json.loads(done.stdout)
        self.assertEqual(seen["CAIRN_TEST_SERVER"], NAME)
        for name, beginning in EXPECTED.items():
            self.assertIn(beginning, seen[name])
        self.assertNotIn("mine", [seen.get(name) for name in MINE])

    def test_nothing_is_left_when_the_command_has_ended(self):
        done = self.servers("run", NAME, "--", *SHOW)

        self.assertEqual(status_of(endpoint(json.loads(done.stdout))), 0)
        self.assertEqual(list(self.temporary.iterdir()), [])

    def test_tls_is_trusted_with_the_ca_file_that_the_command_sees(self):
        done = self.servers("run", NAME, "--tls", "--", sys.executable, __file__, NAME, "ask")

        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertGreaterEqual(int(done.stdout), 200)

    def test_a_started_server_runs_until_it_is_stopped(self):
        started = self.servers("start", NAME)
        self.addCleanup(self.servers, "stop", NAME)
        lines = dict(line.removeprefix("export ").split("=", 1) for line in started.stdout.splitlines())
        url = endpoint({name: value.strip("'") for name, value in lines.items()})

        self.assertNotEqual(status_of(url), 0)
        self.assertEqual(self.servers("start", NAME).stdout, started.stdout)

        self.assertEqual(self.servers("stop", NAME).returncode, 0)
        self.assertEqual(status_of(url), 0)
        self.assertEqual(list(self.temporary.iterdir()), [])

    def test_a_server_that_is_not_there_is_a_skip_but_for_ci(self):
        programs = self.root / "programs"
        programs.mkdir()
        (programs / "python3").symlink_to(sys.executable)
        nowhere = {"CAIRN_SERVERS": "", "PATH": str(programs)}

        for ci, code in (("", 77), ("true", 1)):
            done = self.servers("run", NAME, "--", "true", CI=ci, **nowhere)
            self.assertEqual(done.returncode, code)
            self.assertIn(f"run tools/servers install {NAME}", done.stderr)


if __name__ == "__main__":
    if sys.argv[1:] == ["ask"]:  # as the command behind a server
        print(status_of(endpoint(os.environ), os.environ.get("AWS_CA_BUNDLE") or os.environ["SSL_CERT_FILE"]))
    else:
        unittest.main()
