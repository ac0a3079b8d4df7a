#!/usr/bin/env bash
# Packs the example services: one CSAR for each folder with a TOSCA-Metadata, byte for byte the same every time.
#
#   pack.sh OUTDIR IMAGES_DIR     IMAGES_DIR holds kernel, initrd and edge-guest.qcow2
#
# A package gets the images that its descriptors name under Files/images, their digests and sizes in place of
# @sha256:NAME@ and @bytes:NAME@, and a manifest with the digest of every file.
set -euo pipefail
[ $# -eq 2 ] || { echo "usage: pack.sh OUTDIR IMAGES_DIR" >&2; exit 2; }
mkdir -p "$1"
exec python3 - "$(cd "$(dirname "$0")" && pwd)" "$1" "$2" << 'PYTHON'
import hashlib, pathlib, re, shutil, sys, zipfile

examples, out, images = map(pathlib.Path, sys.argv[1:])
BLOCK = 1 << 20


def digest(stream):
    found = hashlib.sha256()
    while block := stream.read(BLOCK):
        found.update(block)
    return found.hexdigest()


def image_digest(name):
    with open(images / name, "rb") as stream:
        return digest(stream)


def fill(text):
    text = re.sub(r"@sha256:([\w.-]+)@", lambda m: image_digest(m[1]), text)
    return re.sub(r"@bytes:([\w.-]+)@", lambda m: str((images / m[1]).stat().st_size), text)


def entry(name):
    # The same moment for every file: packages differ only when their contents do.
    info = zipfile.ZipInfo(name, date_time=(2026, 1, 1, 0, 0, 0))
    info.compress_type = zipfile.ZIP_DEFLATED
    info.external_attr = 0o644 << 16
    return info


def pack(folder, package):
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    texts = {path.relative_to(folder).as_posix(): fill(path.read_text()) for path in files}
    manifest = next(name for name in texts if name.endswith(".mf"))
    needed = sorted({name for text in texts.values() for name in re.findall(r"Files/images/([\w.-]+)", text)})
    digests = {name: hashlib.sha256(text.encode()).hexdigest() for name, text in texts.items() if name != manifest}
    digests |= {f"Files/images/{name}": image_digest(name) for name in needed}
    for name in sorted(digests):
        texts[manifest] += f"\nSource: {name}\nAlgorithm: SHA-256\nHash: {digests[name]}\n"
    with zipfile.ZipFile(package, "w") as archive:
        for name, text in texts.items():
            archive.writestr(entry(name), text)
        for name in needed:
            with open(images / name, "rb") as source, archive.open(entry(f"Files/images/{name}"), "w") as target:
                shutil.copyfileobj(source, target, BLOCK)


for meta in sorted(examples.glob("*/*/TOSCA-Metadata")):
    folder = meta.parent
    package = out / f"{folder.parent.name}-{folder.name}.csar"
    pack(folder, package)
    print(package)
PYTHON
