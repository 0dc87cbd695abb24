#!/usr/bin/env bash
# Replace the servers of docker-compose.yml one after the other, by what the file and the images say now: for a restart, or
# for an update after `docker compose build`. The next one waits until the new one is healthy, so that one always serves.
# COMPOSE_FILE and COMPOSE_PROJECT_NAME count as usual.
set -euo pipefail
cd "$(dirname "$0")/.."
mapfile -t old < <(docker compose ps --quiet server)
[ ${#old[@]} -ge 2 ] || {
  echo "rolling_restart: ${#old[@]} servers run; it takes two that one can serve while the other is replaced" >&2
  exit 1
}

wait_until_healthy() {
  local states
  for _ in $(seq 120); do
    states=$(docker compose ps --quiet server | xargs docker inspect --format '{{.State.Health.Status}}')
    grep -qvx healthy <<<"$states" || return 0
    sleep 1
  done
  echo "rolling_restart: the new server is not healthy after two minutes; see docker compose logs server" >&2
  exit 1
}

for container in "${old[@]}"; do
  docker stop "$container" >/dev/null
  docker rm "$container" >/dev/null
  docker compose up --detach --no-deps --no-recreate --no-build --scale "server=${#old[@]}" server >/dev/null 2>&1
  wait_until_healthy
  echo "rolling_restart: replaced ${container:0:12}"
done
