#!/usr/bin/env bash
# make bench: measures Windlass beside its goals and writes target/bench/summary.json, with the samples of each figure.
#
# ONLY=NAME takes one module of figures/. WINDLASS=FILE measures that program instead of a release build.
# Figures of real hosts are left out, with a line that says so, for whoever is not root.
set -euo pipefail
cd "$(dirname "$0")/../.."
.ci/packages build
command -v python3 > /dev/null || { echo "python3 is missing; it takes the measurements" >&2; exit 1; }
if [ -z "${WINDLASS:-}" ]; then
    cargo build --quiet --release --bin windlass
    export WINDLASS=target/release/windlass
fi
export PYTHONDONTWRITEBYTECODE=1
# shellcheck disable=SC2086
exec python3 tests/bench/bench.py target/bench/summary.json ${ONLY:-}
