#!/usr/bin/env bash
# The tests that need Docker: on the engine that DOCKER_HOST or the default socket leads to, else on one of their own, which
# they end again. Where none can be had they say so, and are not run.
set -euo pipefail
cd "$(dirname "$0")/.."
folder=$PWD/build/docker
if docker info >/dev/null 2>&1 && docker compose version >/dev/null 2>&1; then
  echo "test-compose: on the engine that is there"
else
  begun=$SECONDS
  status=0
  trap 'scripts/docker_engine.sh stop "$folder"' EXIT
  scripts/docker_engine.sh start "$folder" || status=$?
  if [ $status = 3 ]; then
    echo "test-compose: NOT RUN: no Docker engine can be had here"
    exit 0
  fi
  [ $status = 0 ] || exit $status
  # shellcheck disable=SC1091
  . "$folder/environment"
  echo "test-compose: an engine of its own after $((SECONDS - begun)) s"
fi
PIXELOPOLIS_COMPOSE=1 .venv/bin/pytest tests/compose -m compose -s -v --timeout 1800 "$@"
