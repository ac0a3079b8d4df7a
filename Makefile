# Every recipe is a script, so that it can be read, checked and run by itself.

.PHONY: help demo test check bench lint

help:
	@echo 'make demo    a network service from packages to running machines and back, on two real hosts here'
	@echo 'make check   format, lints, unit and simulator tests; no virtual machine is started'
	@echo 'make test    installs what it needs, make check, then the same on real libvirt hosts'
	@echo 'make bench   measures, and writes target/bench/summary.json'
	@echo 'make lint    links of the documentation and shell scripts; part of make check'

demo:
	@tests/demo/demo.sh

test:
	@.ci/test

check:
	@.ci/check

bench:
	@tests/bench/bench.sh

lint:
	@.ci/lint
