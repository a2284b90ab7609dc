"""Finding servers, and installing the pinned versions: built with Go, from npm, or as Debian's packages. All of it goes to .cache."""

import os
import pathlib
import shlex
import shutil
import subprocess
import tempfile

from .common import CACHE, Failure, say
from .toolchains import find_go, find_node

GO = {
    "fake-gcs": ("fake-gcs-server", "github.com/fsouza/fake-gcs-server@v1.56.1"),
    "minio": ("minio", "github.com/minio/minio@v0.0.0-20260212201848-7aac2a2c5b7c"),
    "versitygw": ("versitygw", "github.com/versity/versitygw/cmd/versitygw@v1.8.0"),
}
PROGRAMS = {name: program for name, (program, _) in GO.items()} | {"azurite": "azurite-blob", "nginx": "nginx"}
AZURITE = "azurite@3.35.0"
NGINX = ["nginx", "libnginx-mod-http-dav-ext"]  # as new as Debian's


def nginx_module(program):
    """WebDAV's second half, where it lies beside the program; that may be a package which was only unpacked."""
    prefix = pathlib.Path(program).resolve().parent.parent
    found = (prefix / folder / "nginx/modules/ngx_http_dav_ext_module.so" for folder in ("lib", "lib64"))
    return next((module for module in found if module.exists()), None)


def find_server(name):
    """The path of its program, if all that it needs is there."""
    places = [os.environ.get("CAIRN_SERVERS"), str(CACHE / "bin"), os.environ.get("PATH")]
    for folder in os.pathsep.join(place for place in places if place).split(os.pathsep):
        program = shutil.which(PROGRAMS[name], path=folder)
        if program and (name != "nginx" or nginx_module(program)):
            return program
    return None


def run_quietly(command, problem, **options):
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False, **options)
    except OSError as error:
        raise Failure(f"{problem}: {error.strerror}: {command[0]}") from error
    if done.returncode != 0:
        raise Failure(f"{problem}:\n{(done.stderr or done.stdout)[-2000:]}")


def build_with_go(name, scratch):
    program, module = GO[name]
    say(f"building {module} (takes 1 to 5 minutes)")
    command = [find_go(), "install", "-trimpath", "-buildvcs=false", "-ldflags=-s -w", module]
    environment = os.environ | {"GOBIN": str(scratch), "CGO_ENABLED": "0"}
    run_quietly(command, f"cannot build {name} (does $GOPROXY answer?)", env=environment)
    os.replace(scratch / program, CACHE / "bin" / program)


def take_folder(made, name):
    target = CACHE / name
    shutil.rmtree(target, ignore_errors=True)
    os.replace(made, target)
    return target


def install_azurite(scratch):
    say(f"npm: installing {AZURITE} (takes half a minute)")
    node, npm = find_node()
    # Its dependencies' scripts build and fetch what only other databases need.
    flags = ["--ignore-scripts", "--no-audit", "--no-fund", "--omit=dev", "--omit=optional", "--loglevel=error"]
    path = os.pathsep.join([str(pathlib.Path(node[0]).parent), os.environ.get("PATH", "")])
    run_quietly(
        [*npm, "install", "--prefix", str(scratch / "azurite"), *flags, AZURITE],
        "cannot install azurite (does npm's registry answer?)",
        env=os.environ | {"PATH": path},
        cwd=scratch,
    )
    script = take_folder(scratch / "azurite", "azurite") / "node_modules/azurite/dist/src/blob/main.js"
    launcher = scratch / "azurite-blob"
    launcher.write_text(f'#!/bin/sh\nexec {shlex.join([*node, str(script)])} "$@"\n')
    launcher.chmod(0o755)
    os.replace(launcher, CACHE / "bin/azurite-blob")


def install_nginx(scratch):
    """Debian's packages are unpacked, not installed: that needs no root, and starts no server on port 80."""
    say(f"apt-get: downloading {' '.join(NGINX)}")
    if os.geteuid() == 0:
        run_quietly(["apt-get", "update"], "apt-get update failed")
    problem = "cannot download nginx (does the Debian mirror answer? as root: apt-get update)"
    run_quietly(["apt-get", "download", *NGINX], problem, cwd=scratch)
    for package in scratch.glob("*.deb"):
        run_quietly(["dpkg-deb", "--extract", str(package), str(scratch / "nginx")], f"cannot unpack {package.name}")
    program = scratch / "program"
    program.symlink_to(take_folder(scratch / "nginx", "nginx") / "usr/sbin/nginx")
    os.replace(program, CACHE / "bin/nginx")


def install(names):
    missing = [name for name in names if not find_server(name)]
    if not missing:
        return
    (CACHE / "bin").mkdir(parents=True, exist_ok=True)
    # Made beside and renamed: what was cut off leaves no half-written server behind.
    with tempfile.TemporaryDirectory(dir=CACHE) as folder:
        scratch = pathlib.Path(folder)
        for name in missing:
            if name == "azurite":
                install_azurite(scratch)
            elif name == "nginx":
                install_nginx(scratch)
            else:
                build_with_go(name, scratch)
