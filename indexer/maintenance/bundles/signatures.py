"""Signs bundles, and proves signatures: Ed25519 (RFC 8032), with keys in PEM files, as openssl makes them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from indexer.base.errors import InvalidSigningKey

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import (
        Ed25519PrivateKey,
        Ed25519PublicKey,
    )


@dataclass(frozen=True, slots=True)
class Signer:
    """Whose signature a bundle must have."""

    key: Ed25519PublicKey

    @classmethod
    def read(cls, path: Path) -> Signer:
        """Read a public key, or the private key that it belongs to. Raises InvalidSigningKey."""
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
        from cryptography.hazmat.primitives.serialization import load_pem_public_key

        content = _content_of(path)
        if b"PRIVATE KEY" in content:
            return cls(read_private_key(path).public_key())
        try:
            key = load_pem_public_key(content)
        except ValueError as error:
            raise _no_key(path) from error
        if not isinstance(key, Ed25519PublicKey):
            raise _no_key(path)
        return cls(key)

    def has_signed(self, content: bytes, signature: bytes) -> bool:
        """Say whether the signature is this signer's, of this content."""
        from cryptography.exceptions import InvalidSignature

        try:
            self.key.verify(signature, content)
        except InvalidSignature:
            return False
        return True


def read_private_key(path: Path) -> Ed25519PrivateKey:
    """Read the key that signs, which has no password. Raises InvalidSigningKey."""
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    try:
        key = load_pem_private_key(_content_of(path), password=None)
    except (ValueError, TypeError) as error:
        raise _no_key(path) from error
    if not isinstance(key, Ed25519PrivateKey):
        raise _no_key(path)
    return key


def _content_of(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise InvalidSigningKey(f"cannot read the key {path}: {error.strerror or error}") from error


def _no_key(path: Path) -> InvalidSigningKey:
    return InvalidSigningKey(
        f"{path} is no Ed25519 key without a password: `openssl genpkey -algorithm ed25519 -out {path.name}` "
        "makes one"
    )
