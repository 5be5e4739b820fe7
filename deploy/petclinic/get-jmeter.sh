#!/usr/bin/env bash
# Puts JMeter 5.6.3 together from Maven Central: pinned versions, checked by SHA-256. What only its
# window draws is left out, so it runs with -n alone. Needs curl and unzip; 57 MB are fetched once.
# Usage: get-jmeter.sh [FOLDER]
set -euo pipefail

version=5.6.3
here=$(cd "$(dirname "$0")" && pwd)
list=$here/jmeter-$version.sha256
home=${1:-/var/cache/grayling/jmeter-$version}

say() { echo "jmeter: $*" >&2; }
if [ -e "$home/bin/ApacheJMeter.jar" ]; then
  say "is in $home already"
  exit 0
fi
command -v unzip >/dev/null || { say "unzip is missing; apt-get install unzip"; exit 1; }

mkdir -p "$(dirname "$home")"
work=$(mktemp -d "$home.XXXXXX")
trap 'rm -rf "$work"' EXIT
"$here/../maven-fetch.sh" "$list" "$work/fetched" || { say "nothing was kept"; exit 1; }

mkdir -p "$work/home/bin" "$work/home/lib/ext" "$work/home/lib/junit"
find "$work/fetched" -name '*.jar' | while read -r jar; do
  case ${jar##*/} in
    ApacheJMeter-"$version".jar) mv "$jar" "$work/home/bin/ApacheJMeter.jar" ;;
    ApacheJMeter_config-"$version".jar) unzip -q "$jar" 'bin/*' -x 'bin/report-template/*' -d "$work/home" ;;
    ApacheJMeter_*) mv "$jar" "$work/home/lib/ext/" ;;
    *) mv "$jar" "$work/home/lib/" ;;
  esac
done
chmod -R u=rwX,go=rX "$work/home"
# Whoever was faster wins: both made the same.
mv -T "$work/home" "$home" 2>/dev/null || [ -e "$home/bin/ApacheJMeter.jar" ]
say "ready: $home"
