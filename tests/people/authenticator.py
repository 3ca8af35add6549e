"""An authenticator in software, and the browser before it; each part of what they say can be told otherwise."""

import base64
import hashlib
import json
import os
from typing import Any

import cbor2
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256

UP, UV, BE, BS, AT, ED = 1, 4, 8, 16, 64, 128


def text(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


class Authenticator:
    """Holds one passkey. Its keys are of the kind ``ES256``, ``EdDSA`` or ``RS256``."""

    def __init__(self, kind: str = "ES256", *, flags: int = UP | UV | BE, key: Any = None) -> None:
        self.kind, self.flags, self.count, self.id, self.user = kind, flags, 0, os.urandom(32), b""
        made = {"ES256": lambda: ec.generate_private_key(ec.SECP256R1()), "EdDSA": ed25519.Ed25519PrivateKey.generate}
        made["RS256"] = lambda: rsa.generate_private_key(65537, 2048)
        self.key: Any = key or made[kind]()

    def create_id(self) -> str:
        """What its passkey is called in JSON."""
        return text(self.id)

    def cose(self) -> dict[int, Any]:
        public = self.key.public_key()
        if self.kind == "EdDSA":
            return {1: 1, 3: -8, -1: 6, -2: public.public_bytes_raw()}
        numbers = public.public_numbers()
        if self.kind == "RS256":
            return {1: 3, 3: -257, -1: numbers.n.to_bytes(public.key_size // 8), -2: numbers.e.to_bytes(3)}
        size = public.key_size // 8
        return {1: 2, 3: -7, -1: 1, -2: numbers.x.to_bytes(size), -3: numbers.y.to_bytes(size)}

    def sign(self, data: bytes) -> bytes:
        more: dict[str, tuple[Any, ...]] = {"ES256": (ec.ECDSA(SHA256()),), "RS256": (PKCS1v15(), SHA256())}
        return self.key.sign(data, *more.get(self.kind, ()))

    def create(self, options: dict[str, Any], origin: str, **told: Any) -> dict[str, Any]:
        """Answer ``navigator.credentials.create()``."""
        self.user = base64.urlsafe_b64decode(options["user"]["id"] + "===")
        client = client_data("webauthn.create", options, origin, told)
        cose = cbor2.dumps(told.get("cose", self.cose()))
        held = told.get("attested_id", self.id)
        new = bytes(16) + len(held).to_bytes(2) + held + cose + told.get("after_key", b"")
        data = self._data(told.get("rp_id", options["rp"]["id"]), told.get("flags", self.flags | AT), new)
        fmt = told.get("fmt", "none")
        own = {"alg": self.cose()[3], "sig": self.sign(data + hashlib.sha256(client).digest())}
        statement = told.get("statement", own if fmt == "packed" else {})
        attestation = cbor2.dumps({"fmt": fmt, "attStmt": statement, "authData": data} | told.get("beside", {}))
        sent = {"attestationObject": text(attestation + told.get("tail", b"")), "transports": ["internal", "hybrid"]}
        return self._credential(client, sent)

    def get(self, options: dict[str, Any], origin: str, **told: Any) -> dict[str, Any]:
        """Answer ``navigator.credentials.get()``."""
        client = client_data("webauthn.get", options, origin, told)
        data = self._data(told.get("rp_id", options["rpId"]), told.get("flags", self.flags), told.get("after", b""))
        signature = self.sign(data + hashlib.sha256(client).digest())
        sent = {"authenticatorData": text(data), "signature": text(signature), "userHandle": text(self.user)}
        return self._credential(client, sent)

    def _data(self, rp_id: str, flags: int, rest: bytes) -> bytes:
        return hashlib.sha256(rp_id.encode()).digest() + bytes([flags]) + self.count.to_bytes(4) + rest

    def _credential(self, client: bytes, sent: dict[str, Any]) -> dict[str, Any]:
        response = {"clientDataJSON": text(client), **sent}
        return {"id": text(self.id), "rawId": text(self.id), "type": "public-key", "response": response}


def client_data(kind: str, options: dict[str, Any], origin: str, told: dict[str, Any]) -> bytes:
    data = {"type": kind, "challenge": options["challenge"], "origin": origin, "crossOrigin": False}
    return told.get("encode", str.encode)(json.dumps(data | told.get("client", {}), separators=(",", ":")))
