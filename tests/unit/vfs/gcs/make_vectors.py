"""Writes v4_signatures.json: Google's conformance data for signed URLs (from a checkout of googleapis/conformance-tests,
Apache-2.0), and the same with an HMAC key, for which Google publishes none: signed here with Python's hmac, step by step as in
https://cloud.google.com/storage/docs/authentication/signatures. Of the account that signed Google's cases only the public key
is kept. Run by hand when either changes: make_vectors.py CONFORMANCE_TESTS_FOLDER"""

import hashlib
import hmac
import json
import pathlib
import subprocess
import sys

HERE = pathlib.Path(__file__).parent
ACCESS_ID = "GOOG1EXAMPLE"
SECRET = "an/example+secret"


def digest(key, text):
    return hmac.new(key, text.encode(), hashlib.sha256).digest()


def consistent(case):
    """One case (a virtual host in another universe) prints a canonical request that is not the one that it signs."""
    printed = hashlib.sha256(case["expectedCanonicalRequest"].encode()).hexdigest()
    if case["expectedStringToSign"].endswith(printed):
        return case
    return {name: value for name, value in case.items() if name != "expectedCanonicalRequest"}


def with_hmac(case, account):
    """The case as an HMAC key signs it: only algorithm and credential differ in what is signed."""
    algorithm = "GOOG4-HMAC-SHA256"
    replaced = {"GOOG4-RSA-SHA256": algorithm, account.replace("@", "%40"): ACCESS_ID}
    url, canonical = case["expectedUrl"], case["expectedCanonicalRequest"]
    for old, new in replaced.items():
        url, canonical = url.replace(old, new), canonical.replace(old, new)
    time, scope = case["expectedStringToSign"].split("\n")[1:3]
    text = "\n".join((algorithm, time, scope, hashlib.sha256(canonical.encode()).hexdigest()))
    key = f"GOOG4{SECRET}".encode()
    for part in scope.split("/"):
        key = digest(key, part)
    signature = digest(key, text).hex()
    return case | {
        "expectedUrl": url[: url.index("X-Goog-Signature=")] + "X-Goog-Signature=" + signature,
        "expectedCanonicalRequest": canonical,
        "expectedStringToSign": text,
    }


def main(folder):
    storage = pathlib.Path(folder) / "storage" / "v1"
    cases = json.loads((storage / "v4_signatures.json").read_text())["signingV4Tests"]
    cases = [consistent(case) for case in cases]
    hosted = [case for case in cases if case["description"] == "Virtual Hosted Style"]
    account = json.loads((storage / "test_service_account.not-a-test.json").read_text())
    commit = subprocess.run(["git", "-C", folder, "rev-parse", "HEAD"], capture_output=True, text=True, check=True).stdout
    public = subprocess.run(
        ["openssl", "pkey", "-pubout"], input=account["private_key"], capture_output=True, text=True, check=True
    ).stdout
    vectors = {
        "source": f"github.com/googleapis/conformance-tests storage/v1/v4_signatures.json at {commit.strip()}",
        "licence": "Apache-2.0",
        "account": account["client_email"],
        "public_key": public,
        "access_id": ACCESS_ID,
        "secret": SECRET,
        "rsa": cases,
        "hmac": [with_hmac(case, account["client_email"]) for case in cases[:1] + hosted],
    }
    (HERE / "v4_signatures.json").write_text(json.dumps(vectors, indent=1, ensure_ascii=False) + "\n")


main(sys.argv[1])
