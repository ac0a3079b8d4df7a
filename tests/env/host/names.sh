# shellcheck shell=bash disable=SC2034,SC2154
# Names and addresses of one pair of hosts, derived from its folder so that several pairs may run at once (sourced).
#
# Sets: dir tag hosts; per host h in "a b": $(namespace h), $(address h), $(cgroup_name h).

dir=$(mkdir -p "${1:?"usage: ${0##*/} DIR"}" && cd "$1" && pwd)
tag=$(printf '%s' "$dir" | sha256sum | head -c 6)
hosts=(a b)

# Two neighbouring subnets: management (API, migration, tunnels) and external (guests, the prober).
subnet_base="10.$((100 + 0x${tag:0:2} % 100))"
management="$subnet_base.$((0x${tag:2:2} / 2 * 2))"
external="$subnet_base.$((0x${tag:2:2} / 2 * 2 + 1))"

# The segments that carry virtual links: VLAN tags, or one bridge each where the kernel cannot filter VLANs.
first_segment=100
last_segment=131

namespace() { printf 'wl-%s-%s' "$tag" "$1"; }
cgroup_name() { printf 'windlass-%s-%s' "$tag" "$1"; }
shared_memory() { printf '/dev/shm/windlass-%s-%s' "$tag" "$1"; }
address() { case $1 in a) printf '%s.1' "$management" ;; b) printf '%s.2' "$management" ;; esac; }
root_link=wl$tag

home() { printf '%s/host-%s' "$dir" "$1"; }
socket() { printf '%s/run/libvirt-sock' "$(home "$1")"; }
socket_uri() { printf 'qemu+unix:///system?socket=%s' "$(socket "$1")"; }
in_host() { ip netns exec "$(namespace "$1")" "${@:2}"; }

need_host() {
    case ${1:-} in a | b) ;; *) fail "the host must be a or b, not '${1:-}'" ;; esac
    [ -e "$(home "$1")/keeper.pid" ] || fail "host-$1 of $dir is not up"
}
