#!/usr/bin/env bash
# make bench: measures Windlass on the simulator and writes target/bench/summary.json.
#
# WINDLASS=FILE measures that program instead of a release build.
set -euo pipefail
cd "$(dirname "$0")/../.."
.ci/packages build
command -v python3 > /dev/null || { echo "python3 is missing; it takes the measurements" >&2; exit 1; }
if [ -z "${WINDLASS:-}" ]; then
    cargo build --quiet --release --bin windlass
    WINDLASS=target/release/windlass
fi
exec python3 tests/bench/bench.py "$WINDLASS" target/bench/summary.json
