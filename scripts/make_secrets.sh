#!/usr/bin/env bash
# Make the secrets of docker-compose.yml, random ones, each in a file below deploy/secrets (or the folder that is named).
# What is there already stays. Only this user can enter the folder; the files themselves can be read by containers,
# whose users are not this machine's.
set -euo pipefail
cd "$(dirname "$0")/.."
folder=${1:-deploy/secrets}
mkdir -p "$folder"
chmod 700 "$folder"
letters() { head -c 4096 /dev/urandom | LC_ALL=C tr -dc "$1" | head -c "$2"; }
make_secret() {
  [ -s "$folder/$1" ] && return
  printf '%s\n' "$2" >"$folder/$1"
  chmod 644 "$folder/$1"
  echo "made $folder/$1"
}
make_secret operator_code "$(letters '0-9A-HJKMNP-TV-Z' 12)"
make_secret operator_password "$(letters 'A-Za-z0-9' 32)"
make_secret store_url 'mongodb://mongo:27017/pixelopolis?replicaSet=rs0'
make_secret grafana_password "$(letters 'A-Za-z0-9' 32)"
