# Sourced by quickstart and check: bring a bare Debian 12 to where the project builds. Each step looks first whether it is
# done, so that a second run costs seconds.

venv=${CAIRN_VENV:-$PWD/.venv}
logs=$PWD/.cache/logs
mkdir -p "$logs"

# What the libraries, the tools and the examples are built from.
build_packages=(
  build-essential ca-certificates dataset-fashion-mnist libcereal-dev libcli11-dev libcurl4-openssl-dev
  libfmt-dev libisal-dev libpugixml-dev libssl-dev ninja-build nlohmann-json3-dev pkg-config
  python3 python3-venv zlib1g-dev
)
# What the tests need on top. From libbrotli-dev on: what Debian's libcurl.pc names for programs that are linked statically.
test_packages=(
  binutils catch2 clang-19 cmake git libclang-rt-19-dev libxml2
  libbrotli-dev libidn2-dev libkrb5-dev libldap-dev libnghttp2-dev libpsl-dev librtmp-dev libssh2-1-dev libzstd-dev
)
meson_pin=meson==1.12.1
torch_pin=torch==2.14.1
# LibTorch without its CUDA stack needs no more than these to compile and run on the CPU.
torch_cpu_pins=("$torch_pin" nvidia-cuda-runtime==13.0.96 nvidia-cuda-cupti==13.0.85)
lightning_pin=pytorch-lightning==2.6.6
safetensors_pin=safetensors==0.8.0

started=$SECONDS
say() { printf '\n[%d:%02d] %s\n' $(((SECONDS - started) / 60)) $(((SECONDS - started) % 60)) "$*"; }
die() {
  printf '\n%s: %s\n' "${0##*/}" "$1" >&2
  [ $# -lt 2 ] || printf 'hint: %s\n' "$2" >&2
  exit 1
}

# run_logged NAME COMMAND…: quiet, but for the end of what it said if it fails.
run_logged() {
  local log=$logs/$1.log
  shift
  "$@" >"$log" 2>&1 && return
  tail -n 25 "$log" >&2
  return 1
}

# need_space GIGABYTES
need_space() {
  local free
  free=$(df --output=avail -k . | tail -n 1)
  [ "$free" -ge $(($1 * 1000000)) ] || die "needs $1 GB of free disk here, and $((free / 1000000)) are left" 'free some, or move the checkout'
}

apt_packages() {
  local package missing=()
  command -v dpkg-query >/dev/null || die 'this is not Debian or a relative of it' "install by hand: $*"
  for package in "$@"; do
    [ "$(dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null)" = installed ] || missing+=("$package")
  done
  [ ${#missing[@]} -gt 0 ] || return 0
  say "apt-get: installing ${missing[*]}"
  [ "$(id -u)" = 0 ] || die 'packages are missing, and only root can install them' "apt-get install ${missing[*]}"
  export DEBIAN_FRONTEND=noninteractive
  run_logged apt-update apt-get update || die 'apt-get update failed' 'is a Debian mirror reachable? see /etc/apt/sources.list'
  run_logged apt-install apt-get install -y --no-install-recommends "${missing[@]}" || die 'apt-get install failed'
}

# pip_packages [--no-deps] NAME==VERSION…: what is not there in exactly that version.
pip_packages() {
  local flags=() missing
  if [ "$1" = --no-deps ]; then flags=(--no-deps) && shift; fi
  missing=$("$venv/bin/python" - "$@" <<'PYTHON'
import sys
from importlib.metadata import PackageNotFoundError, version

for pin in sys.argv[1:]:
    name, _, wanted = pin.partition("==")
    try:
        found = version(name).split("+")[0]
    except PackageNotFoundError:
        found = ""
    if found != wanted if wanted else not found:
        print(pin)
PYTHON
  )
  [ -n "$missing" ] || return 0
  say "pip: installing" $missing
  # shellcheck disable=SC2086 # one word per line
  run_logged pip "$venv/bin/python" -m pip install --disable-pip-version-check "${flags[@]}" $missing ||
    die 'pip install failed' 'is PyPI, or a mirror named in pip.conf, reachable?'
}

make_venv() {
  local python
  if [ ! -x "$venv/bin/python" ]; then
    say "making the virtual environment $venv"
    # Not every python3 that comes first on PATH has venv; Debian's has, with python3-venv.
    for python in python3 /usr/bin/python3; do
      rm -rf "$venv"
      if run_logged venv "$python" -m venv "$venv"; then break; fi
    done
    [ -x "$venv/bin/pip" ] || die "cannot make the virtual environment $venv: see $logs/venv.log"
  fi
  export PATH=$venv/bin:$PATH
}

# Compiling with LibTorch takes 1.5 GB per job.
jobs() {
  local memory cores
  memory=$(awk '/^MemAvailable/ { print int($2 / 1500000) }' /proc/meminfo)
  cores=$(nproc)
  [ "$memory" -ge 1 ] || memory=1
  echo $((memory < cores ? memory : cores))
}

# configure FOLDER OPTION…: once; again only if the options changed.
configure() {
  local folder=$1 options
  shift
  options="$*"
  if [ -f "$folder/build.ninja" ] && [ "$(cat "$folder/configured" 2>/dev/null)" = "$options" ]; then return; fi
  say "meson: configuring $folder"
  rm -rf "$folder"
  run_logged configure meson setup "$folder" "$@" || die "cannot configure: see $logs/configure.log"
  echo "$options" >"$folder/configured"
}
