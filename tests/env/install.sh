#!/usr/bin/env bash
# Installs what the test environment needs on Debian 12: QEMU 10 and libvirt 11 from backports, and small tools.
# Does nothing, and quickly, when all is there. Starts no service.
#
#   install.sh [--quiet]
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=lib.sh
. "$here/lib.sh"

from_backports=(qemu-system-x86 qemu-utils libvirt-daemon-system libvirt-daemon-driver-qemu libvirt-clients libvirt-dev)
from_stable=(busybox-static binutils ca-certificates cpio gcc iproute2 iputils-ping kmod libc6-dev libpq-dev libssl-dev lz4
    mtools nftables openssl pkg-config postgresql procps python3 syslinux util-linux xorriso xz-utils)
sources=/etc/apt/sources.list.d/windlass-backports.sources
policy=/usr/sbin/policy-rc.d

installed() { [ "$(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null)" = installed ]; }

# libvirt 11 tags guests on plain bridges, and QEMU 10 goes with it; bookworm's own are 9 and 7.
recent_enough() {
    installed "$1" && dpkg --compare-versions "$(dpkg-query -W -f '${Version}' "$1")" ge "$2"
}

missing_from_stable() {
    local package
    for package in "${from_stable[@]}"; do installed "$package" || printf '%s\n' "$package"; done
}

missing_from_backports() {
    local package
    for package in "${from_backports[@]}"; do
        case $package in
        libvirt-*) recent_enough "$package" 11 ;;
        *) recent_enough "$package" 1:10 ;;
        esac || printf '%s\n' "$package"
    done
}

missing() { missing_from_stable && missing_from_backports; }

# The machine's own archive, in either of apt's two formats, with the suite's name changed.
add_backports() {
    local line
    apt-cache policy | grep -q 'n=bookworm-backports' && return
    if [ -e /etc/apt/sources.list.d/debian.sources ]; then
        awk '/^URIs:/ { uris = $2 } /^Signed-By:/ { key = $2 }
             uris && key {
                 print "Types: deb\nURIs: " uris "\nSuites: bookworm-backports\nComponents: main\nSigned-By: " key
                 exit
             }' /etc/apt/sources.list.d/debian.sources > "$sources"
    else
        line=$(grep -m1 -E '^deb .* bookworm .*main' /etc/apt/sources.list) ||
            fail "no bookworm entry in apt's sources from which to derive bookworm-backports"
        printf '%s\n' "$line" | sed -E 's/ bookworm .*/ bookworm-backports main/' > "${sources%.sources}.list"
    fi
}

# Debian starts a service when its package is installed, unless this script says no. An existing one stays as it was.
forbid_services() {
    if [ -e "$policy" ]; then mv "$policy" "$policy.windlass"; fi
    printf '#!/bin/sh\nexit 101\n' > "$policy"
    chmod 755 "$policy"
    trap allow_services EXIT
}

allow_services() {
    rm -f "$policy"
    if [ -e "$policy.windlass" ]; then mv "$policy.windlass" "$policy"; fi
}

apt_install() { DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@"; }

# Debian makes and starts a server with the package; the tests make their own, for as long as they need it.
forbid_clusters() {
    local config=/etc/postgresql-common/createcluster.conf
    [ ! -e "$config" ] || return 0
    mkdir -p "${config%/*}"
    printf 'create_main_cluster = false\n' > "$config"
}

install_all() {
    local stable backports
    mapfile -t stable < <(missing_from_stable)
    mapfile -t backports < <(missing_from_backports)
    forbid_services
    installed postgresql-common || forbid_clusters
    [ "${#backports[@]}" -eq 0 ] || add_backports
    apt-get update -qq
    [ "${#backports[@]}" -eq 0 ] || apt_install -t bookworm-backports "${backports[@]}"
    [ "${#stable[@]}" -eq 0 ] || apt_install "${stable[@]}"
    # The package enables its daemons for the next boot; here only its files are wanted.
    if [ -d /run/systemd/system ] && [ "$had_libvirt" = no ]; then
        systemctl disable --quiet libvirtd.service libvirt-guests.service libvirtd{,-ro,-admin}.socket \
            virtlogd{,-admin}.socket virtlockd{,-admin}.socket 2>/dev/null || true
    fi
}

wanted=$(missing | xargs)
if [ -n "$wanted" ]; then
    need_root
    say "installing: $wanted"
    had_libvirt=no
    if installed libvirt-daemon-system; then had_libvirt=yes; fi
    if [ "${1:-}" = --quiet ]; then install_all > /dev/null; else install_all; fi
    wanted=$(missing | xargs)
    [ -z "$wanted" ] || fail "still missing after installation: $wanted"
fi
[ "${1:-}" = --quiet ] || say "all packages are there"
