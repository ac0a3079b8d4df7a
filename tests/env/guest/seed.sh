# Finds the NoCloud seed (a volume labelled cidata, ISO 9660 or FAT) and copies its files to a folder.

# The label of a volume, in lower case, read without mounting it: ISO 9660, FAT12/16, then FAT32.
seed_label() {
    {
        dd if="$1" bs=1 skip=32808 count=32
        dd if="$1" bs=1 skip=43 count=11
        dd if="$1" bs=1 skip=71 count=11
    } 2>/dev/null | tr 'A-Z' 'a-z' | tr -c 'a-z0-9' ' '
}

seed_mount() {
    case " $(seed_label "$1") " in *" cidata "*) ;; *) return 1 ;; esac
    modprobe isofs
    mount -t iso9660 -o ro "$1" /mnt 2>/dev/null && return
    modprobe -a vfat nls_ascii nls_cp437 nls_iso8859-1
    mount -t vfat -o ro "$1" /mnt
}

seed_find() {
    for device in "$@"; do
        [ -b "$device" ] && seed_mount "$device" && return
    done
    return 1
}

# SCSI costs a quarter of a second of probing, so its driver is loaded only where there is such a controller.
seed_scsi() {
    grep -qsx 0x0008 /sys/bus/virtio/devices/*/device && modprobe -a virtio_scsi sr_mod
}

seed_read() {
    mkdir -p "$1"
    seed_find /dev/vd[a-z] || { seed_scsi && seed_find /dev/sr[0-9]; } || return
    cp /mnt/meta-data /mnt/network-config /mnt/user-data "$1" 2>/dev/null
    umount /mnt
}
