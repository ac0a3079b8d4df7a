#!/usr/bin/env bash
# Builds the guest images: Debian's cloud kernel, busybox and the QEMU guest agent in a few megabytes.
#
#   images.sh OUTDIR      puts there: kernel, initrd and cmdline (direct boot), edge-guest.qcow2 (boots by itself)
#                         and kvm-probe.img (see probe/kvm-probe.S)
#
# The build is cached under a digest of its inputs, so the second run only copies.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=lib.sh
. "$here/lib.sh"

out=${1:?"usage: images.sh OUTDIR"}
debs=$WINDLASS_CACHE/debs
outputs=(kernel initrd edge-guest.qcow2 kvm-probe.img)
kernel_arguments="no_timer_check tsc=reliable panic=-1 console=ttyS0 quiet"

# The packages stay in the cache: whoever wants newer ones empties the folder.
download() {
    local kernel
    mkdir -p "$debs"
    compgen -G "$debs/linux-image-*.deb" > /dev/null && compgen -G "$debs/qemu-guest-agent_*.deb" > /dev/null && return
    [ -n "$(apt-cache pkgnames linux-image-cloud-amd64)" ] || apt-get update -qq
    kernel=$(apt-cache depends linux-image-cloud-amd64 | awk '/Depends: linux-image/ { print $2; exit }')
    rm -f "$debs"/*.deb
    (cd "$debs" && apt-get download -qq -o APT::Sandbox::User=root "$kernel" qemu-guest-agent)
}

digest() {
    {
        cat "$here/images.sh" "$here"/guest/* "$here"/probe/*
        sha256sum < /bin/busybox
        (cd "$debs" && sha256sum ./*.deb)
    } | sha256sum | head -c 16
}

unpack() {
    local deb
    mkdir -p "$1"
    for deb in "$debs"/*.deb; do dpkg-deb -x "$deb" "$1"; done
    release=$(basename "$1"/lib/modules/*)
    bzimage=$1/boot/vmlinuz-$release
    depmod -b "$1" "$release"
}

# QEMU enters an ELF kernel through its PVH note, without the guest decompressing anything: faster when emulated.
extract_kernel() {
    local sectors offset length payload=$build/payload
    sectors=$(od -An -tu1 -j 497 -N 1 "$bzimage" | tr -d ' ')
    read -r offset length < <(od -An -tu4 -j 584 -N 8 "$bzimage")
    tail -c +$(((${sectors/#0/4} + 1) * 512 + offset + 1)) "$bzimage" | head -c "$length" > "$payload" || true
    case $(od -An -tx1 -N 4 "$payload" | tr -d ' ') in
    02214c18) lz4 -qdc "$payload" > "$1" 2>/dev/null || true ;; # four bytes of size follow the stream
    fd377a58) xz -qdc --single-stream "$payload" > "$1" ;;
    *) fail "the kernel $release is compressed in an unknown way" ;;
    esac
    [ "$(head -c 4 "$1" | tail -c 3)" = ELF ] || fail "no ELF kernel inside $bzimage"
}

names() { grep -hv '^#' "$here/guest/modules" "$here/guest/modules.extra"; }

copy_modules() {
    local name file
    for name in $(names); do
        modprobe -d "$1" -S "$release" --show-depends "$name" | awk '$1 == "insmod" { print $2 }'
    done | sort -u | while read -r file; do
        install -D "$file" "$2${file#"$1"}"
        strip --strip-debug "$2${file#"$1"}"
    done
    cp "$1/lib/modules/$release"/modules.{builtin,order} "$2/lib/modules/$release/"
    depmod -b "$2" "$release" 2> /dev/null
}

copy_agent() {
    local library
    install -D "$1/usr/sbin/qemu-ga" "$2/usr/sbin/qemu-ga"
    ldd "$1/usr/sbin/qemu-ga" | grep -q 'not found' && fail "qemu-ga lacks libraries here: run install.sh"
    for library in $(ldd "$1/usr/sbin/qemu-ga" | grep -o '/[^ ]*'); do
        install -D "$(readlink -f "$library")" "$2$library"
    done
}

copy_scripts() {
    install -D "$here/guest/init" "$1/init"
    install -D "$here/guest/modules" "$1/etc/modules"
    install -D "$here/guest/poweroff.sh" "$1/sbin/shutdown"
    install -D "$here/guest/poweroff.sh" "$1/etc/acpi/PWRF/00000080"
    install -d "$1/lib/windlass"
    install "$here"/guest/{seed,identity,network,udhcpc,user-script}.sh "$here/guest/flatten.awk" "$1/lib/windlass/"
}

make_initrd() {
    local root=$build/root applet
    mkdir -p "$root"/{bin,sbin,dev,proc,sys,run,tmp,mnt,etc,root,usr/bin,var/log}
    ln -s /run "$root/var/run"
    cp /bin/busybox "$root/bin/"
    # Links made here cost nothing at boot; `busybox --install` would.
    for applet in $(busybox --list | grep -vx busybox); do ln -s busybox "$root/bin/$applet"; done
    copy_modules "$1" "$root"
    copy_agent "$1" "$root"
    copy_scripts "$root"
    (cd "$root" && find . | LC_ALL=C sort | cpio -o -H newc --quiet --reproducible -R 0:0) > "$2"
}

# A FAT volume with a boot sector and no partition table: SeaBIOS starts it, SYSLINUX loads kernel and initrd.
make_disk() {
    local raw=$build/disk.raw
    lz4 -qlf "$build/initrd" "$build/initrd.lz4"
    truncate -s $(($(cat "$bzimage" "$build/initrd.lz4" | wc -c) / 1048576 + 4))M "$raw"
    mformat -i "$raw" -v EDGE -T $(($(stat -c %s "$raw") / 512)) -h 255 -s 63 ::
    printf 'DEFAULT edge\nPROMPT 0\nTIMEOUT 0\nLABEL edge\nKERNEL kernel\nINITRD initrd\nAPPEND %s\n' \
        "$kernel_arguments" > "$build/syslinux.cfg"
    mcopy -i "$raw" "$bzimage" ::kernel
    mcopy -i "$raw" "$build/initrd.lz4" ::initrd
    mcopy -i "$raw" "$build/syslinux.cfg" ::syslinux.cfg
    syslinux --install "$raw"
    qemu-img convert -q -f raw -O qcow2 "$raw" "$1"
}

# SeaBIOS does not boot a virtio disk of a single sector, so the rest of a megabyte is empty.
make_probe() {
    as --32 -o "$build/probe.o" "$here/probe/kvm-probe.S"
    ld -m elf_i386 -Ttext=0x7c00 --oformat binary -o "$1" "$build/probe.o"
    truncate -s 1M "$1"
}

build_all() {
    build=$(mktemp -d)
    trap 'rm -rf "$build"' EXIT
    unpack "$build/packages"
    extract_kernel "$build/kernel"
    make_initrd "$build/packages" "$build/initrd"
    make_disk "$build/edge-guest.qcow2"
    make_probe "$build/kvm-probe.img"
    mkdir -p "$1.new"
    for name in "${outputs[@]}"; do cp --sparse=always "$build/$name" "$1.new/"; done
    mv -T "$1.new" "$1"
}

download
images=$WINDLASS_CACHE/images/$(digest)
[ -d "$images" ] || { rm -rf "$images.new"; build_all "$images"; }
mkdir -p "$out"
for name in "${outputs[@]}"; do
    cmp -s "$images/$name" "$out/$name" || cp --reflink=auto --sparse=always "$images/$name" "$out/$name"
done
say "$kernel_arguments" > "$out/cmdline"
