# shellcheck shell=bash disable=SC2034,SC2154
# Small helpers that every script of this folder shares (sourced, not run).

# Where downloads and built images are kept between runs.
WINDLASS_CACHE=${WINDLASS_CACHE:-/var/cache/windlass}

say() { printf '%s\n' "$*"; }
fail() { printf '%s: %s\n' "${0##*/}" "$*" >&2; exit 1; }

need_root() { [ "$(id -u)" -eq 0 ] || fail "must run as root (it manages packages, namespaces and bridges)"; }

# Runs a command until it succeeds, every 50 ms; gives up after so many seconds.
wait_for() {
    local seconds=$1 end
    shift
    end=$((SECONDS + seconds))
    until "$@" > /dev/null 2>&1; do
        [ "$SECONDS" -lt "$end" ] || return 1
        sleep 0.05
    done
}
