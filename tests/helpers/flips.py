"""Damage to files, as disks and copies do it."""

from ssagan_jax.io.manifests import MANIFEST


def flip_bit(path, bit):
    """Turns one bit of a file over; counted from its start."""
    content = bytearray(path.read_bytes())
    content[bit // 8] ^= 1 << bit % 8
    path.write_bytes(content)


def files(folder):
    """Every file below a folder, in order."""
    return sorted(path for path in folder.rglob("*") if path.is_file())


def largest(folder):
    """The largest file below a folder but its manifest: arrays, or what describes them."""
    known = [path for path in files(folder) if path.name != MANIFEST]
    return max(known, key=lambda path: path.stat().st_size)
