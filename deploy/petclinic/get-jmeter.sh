#!/usr/bin/env bash
# Puts JMeter 5.6.3 together from Maven Central: pinned versions, checked by SHA-256. What only its
# window draws is left out, so it runs with -n alone. Needs curl and unzip; 57 MB are fetched once.
# Usage: get-jmeter.sh [FOLDER]
set -euo pipefail

version=5.6.3
here=$(cd "$(dirname "$0")" && pwd)
list=$here/jmeter-$version.sha256
home=${1:-/var/cache/grayling/jmeter-$version}
repository=${GRAYLING_MAVEN_REPOSITORY:-https://repo1.maven.org/maven2}

say() { echo "jmeter: $*" >&2; }
if [ -e "$home/bin/ApacheJMeter.jar" ]; then
  say "is in $home already"
  exit 0
fi
for tool in curl unzip sha256sum; do
  command -v "$tool" >/dev/null || { say "$tool is missing; apt-get install $tool"; exit 1; }
done

mkdir -p "$(dirname "$home")"
work=$(mktemp -d "$home.XXXXXX")
trap 'rm -rf "$work"' EXIT
say "fetching $(wc -l <"$list") files from $repository"
while read -r _ path; do
  printf 'url = "%s/%s"\noutput = "%s/fetched/%s"\n' "$repository" "$path" "$work" "$path"
done <"$list" >"$work/curl.conf"
curl --silent --show-error --fail --location --retry 3 --connect-timeout 20 --create-dirs \
  --no-progress-meter --parallel --parallel-max 8 --config "$work/curl.conf" ||
  { say "a file could not be fetched; see above"; exit 1; }
(cd "$work/fetched" && sha256sum --check --quiet "$list") ||
  { say "a file is not the one that $list names; nothing was kept"; exit 1; }

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
