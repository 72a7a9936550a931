"""A made-up tarball that is taken for onnxruntime-web's."""

import base64
import hashlib
import io
import tarfile

from ssagan_jax.demo import runtime_package

MEMBERS = {name: name.encode() for name in runtime_package._MEMBERS}


def packed(path, members):
    with tarfile.open(path, "w:gz") as archive:
        for name, content in members.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    return path


def pin(monkeypatch, path):
    """Takes a tarball for the right one."""
    digest = hashlib.sha512(path.read_bytes()).digest()
    monkeypatch.setattr(runtime_package, "INTEGRITY", "sha512-" + base64.b64encode(digest).decode())
