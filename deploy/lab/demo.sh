#!/usr/bin/env bash
# The main job from nothing to a verdict: boot, load, 36 gray faults, dataset, LSTM, held-out result,
# and one live fault that the daemon's detector has to find. About 25 minutes on two emulated CPUs.
set -uo pipefail
source "$(dirname "$0")/lab.sh"
lab_as_root "$@"

# The whole job runs in one shell so that this trap always cleans up, also after Ctrl-C.
trap 'lab_down $?' EXIT
trap 'echo; echo "demo: interrupted; cleaning up"; exit 130' INT TERM HUP

results=$lab_root/build/demo/$(date +%Y%m%dT%H%M%S)
mkdir -p "$results"
grayling() { "$bin/grayling" "$@" || fail "grayling $1 $2 failed"; }

lab_prepare lab
lab_up "$results/state"

step "Services, targets"
grayling service list lab
add_targets
sleep 3
grayling metric target list

step "Campaign: load and 36 gray faults (under 15 minutes)"
"$bin/grayling" campaign run "$lab_root/deploy/lab/demo.yaml" || fail "the campaign did not complete"
campaign=$("$bin/grayling" --output json campaign list |
  python3 -c 'import json,sys; print(json.load(sys.stdin)["campaigns"][0]["name"])') || fail "no campaign was recorded"
grayling campaign get "$campaign"

step "Dataset and model"
"$bin/grayling-ml" fetch --daemon "$GRAYLING_DAEMON" --campaign "$campaign" --out "$results/dataset" || fail "the recording could not be fetched"
"$bin/grayling-ml" describe "$results/dataset" || fail "the dataset is not readable"
"$bin/grayling-ml" fit "$results/dataset" --out "$results/model.grayling" || fail "the model was not fitted"

step "Held-out result (the last repetition: never seen in training or tuning)"
"$bin/grayling-ml" evaluate "$results/model.grayling" "$results/dataset" || fail "the evaluation failed"
"$bin/grayling-ml" localize "$results/dataset" || fail "the localisation failed"
"$bin/grayling-ml" report "$results/dataset" --model "$results/model.grayling" --out "$results/report.html" || fail "the report was not written"

step "Live: upload the model, inject one more fault, wait for the alarm"
model=$("$bin/grayling" --output json model upload "$results/model.grayling" |
  python3 -c 'import json,sys; print(json.load(sys.stdin)["name"])') || fail "the model was not accepted"
grayling model activate "$model"
grayling load start --vm lab --guest-port 8080 --users 12 --think-time-ms 300
echo "15 s for the load to settle, then 60 s of normal load in which no alarm should be raised"
sleep 15
quiet=$(date -u +%Y-%m-%dT%H:%M:%SZ)
sleep 60
injected=$(date -u +%Y-%m-%dT%H:%M:%S.%NZ)
grayling fault inject network.delay --vm lab --service visits-service --param delay_ms=45 --param jitter_ms=5 --duration 30s
seconds=$("$bin/grayling" detect wait-alarm --after "$injected" --timeout 30s)
live=$?
grayling detect alarms
false_alarms=$("$bin/grayling" --output json detect alarms | python3 -c '
import json, sys
alarms = json.load(sys.stdin).get("alarms", [])
print(sum(sys.argv[1] <= a["startTime"] < sys.argv[2] for a in alarms))' "$quiet" "$injected")
grayling load stop
if [ $live -eq 0 ]; then
  echo "Live: the detector raised the alarm $seconds s after the injection began; $false_alarms false alarms in 60 s before it."
else
  echo "Live: the detector raised no alarm within 30 s; $false_alarms false alarms in 60 s before it."
fi

step "Done in $(((SECONDS - lab_started) / 60)) minutes"
cat <<TXT
recording  $results/state   (samples.db, grayling.db)
dataset    $results/dataset
model      $results/model.grayling
report     $results/report.html
campaign   $campaign

Look further:
  build/release/bin/graylingd --state $results/state --socket /tmp/graylingd.sock &
  export GRAYLING_DAEMON=unix:///tmp/graylingd.sock
  build/release/bin/grayling campaign get $campaign
  build/release/bin/grayling-ml evaluate $results/model.grayling $results/dataset --json
Grafana and Prometheus files: deploy/grafana, deploy/prometheus
TXT
exit $live
