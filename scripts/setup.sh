#!/usr/bin/env bash
# Install what Pixelopolis needs on Debian or Ubuntu: `setup.sh run` to run it, `setup.sh dev` to develop and test it,
# `setup.sh firmware` to build the programs of the motor boards and nothing else, `setup.sh fuzz` to fuzz them.
set -euo pipefail
cd "$(dirname "$0")/.."
what=${1:-run}
python=${PYTHON:-python3}

cross_compiler=(gcc-arm-none-eabi binutils-arm-none-eabi)
# Headless OpenGL (Mesa's software renderer) for the simulated cameras.
packages=(libegl1 libgl1 libegl-mesa0 libgl1-mesa-dri)
[ "$what" = firmware ] && packages=("${cross_compiler[@]}" make)
recommends=--no-install-recommends
[ "$what" = fuzz ] && packages=(clang make libc6-dev) && recommends= # libFuzzer itself is only recommended by clang
if [ "$what" = dev ]; then
  packages+=(chromium fonts-noto-cjk fonts-noto-ui-core) # the page is tested in a real browser, in all its scripts
  packages+=(ffmpeg) # reads the live video
  packages+=(gcc libc6-dev) # the firmware's core is built and tested on this machine
  packages+=("${cross_compiler[@]}" qemu-system-arm) # and the boards' programs, in QEMU; 0.5 GB on disk
fi

check_python() {
  "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || {
    echo "setup: Python 3.11 or newer is needed, as '$python'. Install it, or name another: make PYTHON=python3.12 …" >&2
    exit 1
  }
  "$python" -c 'import ensurepip, venv' 2>/dev/null ||
    packages+=("python$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])')-venv")
}
[ "$what" = firmware ] || [ "$what" = fuzz ] || check_python

is_installed() {
  [ "$1" = chromium ] && command -v chromium chromium-browser google-chrome >/dev/null && return 0
  dpkg-query -W -f '${Status}' "$1" 2>/dev/null | grep -q 'ok installed'
}

missing=()
if command -v dpkg-query >/dev/null; then
  for package in "${packages[@]}"; do is_installed "$package" || missing+=("$package"); done
else
  echo "setup: not Debian or Ubuntu; make sure that what these packages hold is there: ${packages[*]}" >&2
fi
if [ ${#missing[@]} -gt 0 ]; then
  sudo=""
  if [ "$(id -u)" != 0 ]; then
    sudo=sudo
    command -v sudo >/dev/null || {
      echo "setup: these packages are missing and there is no sudo; as root run: apt-get install ${missing[*]}" >&2
      exit 1
    }
  fi
  echo "setup: installing ${missing[*]}"
  $sudo apt-get update -qq
  $sudo env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq $recommends "${missing[@]}" >/dev/null
fi

[ "$what" = firmware ] || [ "$what" = fuzz ] && exit 0
[ -x .venv/bin/python ] || "$python" -m venv .venv
extras=car,server,sim,mongo
[ "$what" = dev ] && extras=$extras,motor,tracing,train,ray,dev
echo "setup: installing Python packages ($extras) into .venv"
.venv/bin/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e ".[$extras]"
