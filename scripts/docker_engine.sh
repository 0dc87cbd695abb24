#!/usr/bin/env bash
# A Docker engine of one's own for `make test-compose`, where there is none: `docker_engine.sh start FOLDER` installs the
# engine with apt (root, Debian 12), starts it on FOLDER, builds a stand-in for the base image, and writes FOLDER/environment,
# to be sourced. `docker_engine.sh stop FOLDER` ends it and removes FOLDER. Exit status 3: no engine can be had here.
set -euo pipefail
what=${1:?start or stop}
mkdir -p "${2:?a folder}"
folder=$(cd "$2" && pwd)
base=python:3.11-slim-bookworm
socket=unix://$folder/docker.sock

cannot() {
  echo "docker_engine: no engine can be had here: $1" >&2
  exit 3
}

install_packages() {
  [ "$(id -u)" = 0 ] || cannot "that takes root; start Docker yourself, and this script is not needed"
  command -v apt-get >/dev/null || cannot "not Debian; start Docker yourself, and this script is not needed"
  command -v dockerd >/dev/null && command -v debootstrap >/dev/null && command -v iptables >/dev/null && return
  apt-get update -qq || cannot "apt-get update failed"
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends docker.io debootstrap iptables >/dev/null ||
    cannot "apt-get could not install docker.io, debootstrap and iptables"
}

start_engine() {
  docker --host "$socket" info >/dev/null 2>&1 && return
  dockerd --data-root "$folder/data" --exec-root "$folder/exec" --host "$socket" --pidfile "$folder/dockerd.pid" \
    >"$folder/dockerd.log" 2>&1 </dev/null &
  for _ in $(seq 60); do
    docker --host "$socket" info >/dev/null 2>&1 && return
    kill -0 $! 2>/dev/null || break
    sleep 0.5
  done
  tail -5 "$folder/dockerd.log" >&2
  cannot "dockerd did not start (the kernel needs overlay, bridge, veth, nf_tables and network namespaces)"
}

# The images' only base, made of Debian's own Python, as an image registry may be out of reach. It trusts what this
# machine trusts, so that packages can be had from inside a build where the network has an authority of its own.
import_base_image() {
  docker --host "$socket" image inspect "$base" >/dev/null 2>&1 && return
  local root=$folder/base
  rm -rf "$root"
  debootstrap --variant=minbase --include=ca-certificates,python3,python3-venv,python3-pip bookworm "$root" \
    >"$folder/debootstrap.log" 2>&1 || cannot "debootstrap failed, see $folder/debootstrap.log"
  rm -rf "$root"/usr/share/{doc,man,locale}/* "$root"/var/lib/apt/lists/* "$root"/var/cache/apt/archives/*.deb
  rm -f "$root/usr/lib/python3.11/EXTERNALLY-MANAGED"
  ln -sf python3 "$root/usr/bin/python"
  cp /etc/ssl/certs/ca-certificates.crt "$root/etc/ssl/certs/"
  printf '[global]\ncert = /etc/ssl/certs/ca-certificates.crt\nroot-user-action = ignore\n' >"$root/etc/pip.conf"
  tar -C "$root" -c . | docker --host "$socket" import -c 'ENV PYTHONUNBUFFERED=1' -c 'CMD ["python3"]' - "$base" >/dev/null
  rm -rf "$root"
}

# What every build of an image does.
check_containers() {
  docker --host "$socket" run --rm --network none "$base" true || cannot "containers do not run"
  docker --host "$socket" run --rm "$base" python -m pip download --quiet --no-deps --dest /tmp h11 ||
    cannot "packages are out of a container's reach"
}

# Compose v2 as a plug-in; Debian 12 has only v1, so it is taken from Debian 13, beside apt's own settings.
unpack_compose() {
  export DOCKER_CONFIG=$folder/config
  docker compose version >/dev/null 2>&1 && return
  local apt=$folder/apt
  mkdir -p "$apt/lists/partial" "$apt/cache/archives/partial" "$DOCKER_CONFIG/cli-plugins"
  awk 'BEGIN{RS=""} NR==1' /etc/apt/sources.list.d/debian.sources | sed 's/^Suites:.*/Suites: trixie/' >"$apt/trixie.sources"
  local options=(-qq -o "Dir::Etc::sourcelist=$apt/trixie.sources" -o Dir::Etc::sourceparts=/dev/null
    -o "Dir::State::lists=$apt/lists" -o "Dir::Cache=$apt/cache")
  (cd "$apt" && apt-get "${options[@]}" update && apt-get "${options[@]}" download docker-compose/trixie 2>/dev/null &&
    dpkg -x docker-compose_*.deb unpacked) || cannot "Compose v2 could not be fetched"
  mv "$apt/unpacked/usr/libexec/docker/cli-plugins/docker-compose" "$DOCKER_CONFIG/cli-plugins/"
  rm -rf "$apt"
  docker compose version >/dev/null || cannot "Compose v2 does not run here"
}

stop_engine() {
  if [ -f "$folder/dockerd.pid" ]; then
    local pid
    pid=$(cat "$folder/dockerd.pid")
    kill "$pid" 2>/dev/null || true
    for _ in $(seq 60); do kill -0 "$pid" 2>/dev/null || break; sleep 0.5; done
  fi
  rm -rf "$folder"
}

case $what in
  start)
    install_packages
    start_engine
    import_base_image
    check_containers
    unpack_compose
    printf 'export DOCKER_HOST=%q\nexport DOCKER_CONFIG=%q\n' "$socket" "$folder/config" >"$folder/environment"
    ;;
  stop) stop_engine ;;
  *)
    echo "docker_engine: start or stop, not '$what'" >&2
    exit 2
    ;;
esac
