# Every recipe is a script, so that it can be read, checked and run by itself.

.PHONY: help demo test check bench soak lint

help:
	@echo 'make demo    a network service from packages to running machines and back, on two real hosts here'
	@echo 'make check   format, lints, unit and simulator tests; no virtual machine is started'
	@echo 'make test    installs what it needs, make check, then the same on real libvirt hosts'
	@echo 'make bench   measures, and writes target/bench/summary.json; ONLY=start takes one of tests/bench/figures'
	@echo 'make soak    services come and go on the simulator with faults for MINUTES=2; table and plot in target/soak'
	@echo 'make lint    links of the documentation and shell scripts; part of make check'

demo:
	@tests/demo/demo.sh

test:
	@.ci/test

check:
	@.ci/check

bench:
	@ONLY='$(ONLY)' tests/bench/bench.sh

soak:
	@MINUTES='$(MINUTES)' SEED='$(SEED)' tests/soak/soak.sh

lint:
	@.ci/lint
