#!/usr/bin/env bash
# maven-fetch.sh LIST FOLDER: fetches the files of LIST (SHA-256, path in the repository; a line each)
# from Maven Central to FOLDER, under their paths. Ends with 1 and one sentence when a file cannot be
# had or is another one than the list names.
set -euo pipefail
list=$(realpath "$1")
folder=$2
repository=${GRAYLING_MAVEN_REPOSITORY:-https://repo1.maven.org/maven2}

say() { echo "maven-fetch: $*" >&2; }
for tool in curl sha256sum; do
  command -v "$tool" >/dev/null || { say "$tool is missing; apt-get install $tool"; exit 1; }
done
mkdir -p "$folder"
say "fetching $(wc -l <"$list") files from $repository"
while read -r _ path; do
  printf 'url = "%s/%s"\noutput = "%s/%s"\n' "$repository" "$path" "$folder" "$path"
done <"$list" | curl --silent --show-error --fail --location --retry 3 --connect-timeout 20 --create-dirs \
  --no-progress-meter --parallel --parallel-max 8 --config - ||
  { say "a file could not be fetched; see above"; exit 1; }
(cd "$folder" && sha256sum --check --quiet "$list") ||
  { say "a file is not the one that $list names"; exit 1; }
