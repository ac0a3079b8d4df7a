#!/usr/bin/env bash
# make soak MINUTES=n: ten network services at a time come and go on the simulator, with faults, for n minutes.
#
# Writes table, samples and soak.svg to target/soak/. Exit code 1 when a goal is missed.
# WINDLASS=FILE soaks that program instead of a release build; SEED=n chooses other faults.
set -euo pipefail
cd "$(dirname "$0")/../.."
.ci/packages build
command -v python3 > /dev/null || { echo "python3 is missing; it is the client" >&2; exit 1; }
if [ -z "${WINDLASS:-}" ]; then
    cargo build --quiet --release --bin windlass
    export WINDLASS=target/release/windlass
fi
export PYTHONPATH=tests/bench PYTHONDONTWRITEBYTECODE=1
exec python3 tests/soak/soak.py "${MINUTES:-2}" "${SEED:-1}" target/soak
