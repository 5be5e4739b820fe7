#!/usr/bin/env bash
# The ways in for samples against the real programs at their other end: Kafka's own broker and OpenSSH's
# own server, on loopback. 43 MB are fetched once to build/peers; nothing is installed.
set -euo pipefail
cd "$(dirname "$0")/../.."
peers=$PWD/build/peers
here=$PWD/tests/peers

if ! command -v java >/dev/null; then
  echo "test-peers: Kafka needs java; apt-get install default-jre-headless" >&2
  exit 1
fi
if [ ! -e "$peers/kafka/complete" ]; then
  deploy/maven-fetch.sh "$here/kafka-3.7.2.sha256" "$peers/kafka"
  touch "$peers/kafka/complete"
fi
# Unpacked, not installed: an installed sshd would begin to serve this machine.
if [ ! -e "$peers/openssh/usr/sbin/sshd" ]; then
  mkdir -p "$peers/packages"
  (cd "$peers/packages" && apt-get download openssh-server libwrap0) >"$peers/apt.log" 2>&1 ||
    { tail -5 "$peers/apt.log" >&2; exit 1; }
  for package in "$peers"/packages/*.deb; do dpkg -x "$package" "$peers/openssh"; done
fi

export PYTHONDONTWRITEBYTECODE=1 PYTHONPATH=$PWD/tests/contract
export GRAYLING_BIN=$PWD/build/release/bin GRAYLING_PEERS=$peers
result=0
for test in kafka_broker openssh_server; do
  python3 "$here/${test}_test.py" -v || result=1
done
exit $result
