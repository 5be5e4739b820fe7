# The product's front door. Every target works from a fresh clone.
.PHONY: demo test test-peers build lab-up lab-down soak kill-loop bench bench-faults bench-load bench-ml bench-metrics fuzz asan tsan format

demo: build
	@deploy/lab/demo.sh

test: build
	@tests/run.sh

# Against Kafka's broker and OpenSSH's server, fetched once.
test-peers: build
	@tests/peers/run.sh

build:
	@deploy/setup.sh
	@deploy/build.sh release

lab-up: build
	@deploy/lab/lab-up.sh

lab-down:
	@deploy/lab/lab-down.sh

# ROUNDS=50 SEED=1
soak: build
	@tests/soak/soak.sh $(or $(ROUNDS),50) $(or $(SEED),1)

# ROUNDS=100 SEED=1
kill-loop: build
	@build/release/tests/kill_loop $(or $(ROUNDS),100) $(or $(SEED),1)

bench: bench-faults bench-load bench-ml bench-metrics

bench-faults: build
	@tests/bench/bench-faults.sh

bench-load: build
	@tests/bench/bench-load.sh

bench-ml: build
	@tests/bench/bench-ml.sh

# SECONDS=600 TARGETS=200 SERIES=1000
bench-metrics: build
	@tests/bench/metrics/end_to_end.sh
	@tests/bench/metrics/parsers.sh

# SECONDS=300
fuzz:
	@deploy/setup.sh
	@tests/fuzz/fuzz.sh $(or $(SECONDS),300)

asan tsan:
	@deploy/setup.sh
	@deploy/build.sh $@
	@ctest --preset $@

format:
	@git ls-files '*.cpp' '*.h' | xargs clang-format-14 -i
