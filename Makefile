# The product's front door. Every target works from a fresh clone.
.PHONY: demo test build lab-up lab-down bench bench-ml asan tsan format

demo: build
	@deploy/lab/demo.sh

test: build
	@tests/run.sh

build:
	@deploy/setup.sh
	@deploy/build.sh release

lab-up: build
	@deploy/lab/lab-up.sh

lab-down:
	@deploy/lab/lab-down.sh

bench: bench-ml

bench-ml: build
	@tests/bench/bench-ml.sh

asan tsan:
	@deploy/setup.sh
	@deploy/build.sh $@
	@ctest --preset $@

format:
	@git ls-files '*.cpp' '*.h' | xargs clang-format-14 -i
