"""Checksums and fingerprints of files."""

import hashlib

from soundscapes.engine.checksums import fingerprint, sha256_of


def test_sha256_of_matches_the_bytes(tmp_path):
    path = tmp_path / "file"
    path.write_bytes(b"bytes" * 20_000)
    assert sha256_of(path) == hashlib.sha256(b"bytes" * 20_000).hexdigest()


def test_a_fingerprint_depends_on_the_content_alone(tmp_path):
    paths = [tmp_path / name for name in ("one", "same", "longer", "changed")]
    for path, data in zip(paths, (b"a", b"a", b"ab", b"b"), strict=True):
        path.write_bytes(data * 3_000_000)
    one, same, longer, changed = map(fingerprint, paths)
    assert one == same
    assert len({one, longer, changed}) == 3
    paths[0].write_bytes(b"b" * 3_000_000)
    assert fingerprint(paths[0]) == changed
