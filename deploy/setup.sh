#!/usr/bin/env bash
# Installs what Grayling needs on Debian 12. Idempotent: asks apt only for what is missing.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
wanted=$(sed 's/#.*//' "$here/packages.txt" | xargs)
installed=$(dpkg-query -W -f='${db:Status-Status} ${Package}\n' 2>/dev/null | sed -n 's/^installed //p' | sort -u)
missing=$(comm -23 <(tr ' ' '\n' <<<"$wanted" | sort -u) <(printf '%s\n' "$installed"))

if [ -z "$missing" ]; then
  echo "set-up: all $(wc -w <<<"$wanted") packages are there"
  exit 0
fi

as_root=()
if [ "$(id -u)" -ne 0 ]; then
  if ! command -v sudo >/dev/null; then
    echo "set-up: $(wc -w <<<"$missing") packages are missing and this user is not root; run it as root or install sudo" >&2
    exit 1
  fi
  as_root=(sudo)
fi

log=$(mktemp)
trap 'rm -f "$log"' EXIT
start=$SECONDS
echo "set-up: installing $(wc -w <<<"$missing") packages with apt"
run() {
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive "$@" >>"$log" 2>&1 &
  local job=$!
  trap 'printf "\nset-up: stopping after the present apt step\n"; wait "$job"; exit 130' INT TERM HUP
  while kill -0 "$job" 2>/dev/null; do
    printf '\rset-up: %4d s  %-60.60s' $((SECONDS - start)) "$(tail -n 1 "$log" | tr -d '\r')"
    sleep 1
  done
  if ! wait "$job"; then
    printf '\nset-up: "%s" failed; its last lines:\n' "$*" >&2
    tail -n 15 "$log" >&2
    exit 1
  fi
}
run apt-get update
# shellcheck disable=SC2086
run apt-get install -y --no-install-recommends $missing
printf '\rset-up: done in %d s%60s\n' $((SECONDS - start)) ''
