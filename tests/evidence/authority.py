"""A timestamp authority for tests: RFC 3161 answers in DER, signed by keys made on the spot."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from rfc3161_client._rust import parse_timestamp_request

AT = datetime(2026, 11, 24, 10, tzinfo=UTC)
_SHA256 = "2.16.840.1.101.3.4.2.1"
_ECDSA = "1.2.840.10045.4.3.2"
_SIGNED_DATA, _TST_INFO = "1.2.840.113549.1.7.2", "1.2.840.113549.1.9.16.1.4"
_CONTENT_TYPE, _MESSAGE_DIGEST = "1.2.840.113549.1.9.3", "1.2.840.113549.1.9.4"


def der(tag: int, *parts: bytes) -> bytes:
    """Return one DER value."""
    content = b"".join(parts)
    size = len(content)
    if size < 128:
        return bytes([tag, size]) + content
    length = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes([tag, 0x80 | len(length)]) + length + content


def sequence(*parts: bytes) -> bytes:
    """Return a SEQUENCE."""
    return der(0x30, *parts)


def integer(number: int) -> bytes:
    """Return an INTEGER that is not negative."""
    return der(2, number.to_bytes(number.bit_length() // 8 + 1, "big"))


def oid(dotted: str) -> bytes:
    """Return an OBJECT IDENTIFIER."""
    first, second, *rest = map(int, dotted.split("."))
    content = b""
    for arc in (first * 40 + second, *rest):
        digits = [arc & 127]
        while arc := arc >> 7:
            digits.append(128 | arc & 127)
        content += bytes(reversed(digits))
    return der(6, content)


@dataclass(frozen=True, slots=True)
class Authority:
    """Stamps whatever it is asked; `root` is left out of the answer where `with_root` is false."""

    key: ec.EllipticCurvePrivateKey
    certificate: x509.Certificate
    root: x509.Certificate
    with_root: bool = True

    def answer(self, query: bytes) -> bytes:
        """Return the answer to a request."""
        request = parse_timestamp_request(query)
        return self.stamp(request.message_imprint.message, request.nonce)

    def stamp(self, imprint: bytes, nonce: int | None = None) -> bytes:
        """Return an answer that stamps this SHA-256."""
        algorithm = sequence(oid(_SHA256), der(5))
        info = sequence(
            integer(1),
            oid("1.2.3.4"),
            sequence(algorithm, der(4, imprint)),
            integer(7),
            der(0x18, f"{AT:%Y%m%d%H%M%SZ}".encode()),
            b"" if nonce is None else integer(nonce),
        )
        certificates = [self.certificate, self.root] if self.with_root else [self.certificate]
        signed = sequence(
            integer(3),
            der(0x31, algorithm),
            sequence(oid(_TST_INFO), der(0xA0, der(4, info))),
            der(0xA0, *sorted(one.public_bytes(Encoding.DER) for one in certificates)),
            der(0x31, self._signer(info, algorithm)),
        )
        token = sequence(oid(_SIGNED_DATA), der(0xA0, signed))
        return sequence(sequence(integer(0)), token)

    @property
    def pem(self) -> bytes:
        """The root, for those who trust it."""
        return self.root.public_bytes(Encoding.PEM)

    def without_root(self) -> "Authority":
        """Return the same authority, which does not send its root along."""
        return replace(self, with_root=False)

    def _signer(self, info: bytes, algorithm: bytes) -> bytes:
        attributes = sorted(  # in DER the members of a set are in order
            (
                sequence(oid(_CONTENT_TYPE), der(0x31, oid(_TST_INFO))),
                sequence(oid(_MESSAGE_DIGEST), der(0x31, der(4, sha256(info).digest()))),
            )
        )
        signature = self.key.sign(der(0x31, *attributes), ec.ECDSA(hashes.SHA256()))
        issuer = self.certificate.issuer.public_bytes()
        return sequence(
            integer(1),
            sequence(issuer, integer(self.certificate.serial_number)),
            algorithm,
            der(0xA0, *attributes),
            sequence(oid(_ECDSA)),
            der(4, signature),
        )


def make_authority(ends: timedelta = timedelta(days=30)) -> Authority:
    """Return an authority with new keys, whose certificates end so long after AT."""
    root_key, key = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
    root_name, name = _named("Test Root"), _named("Test Authority")
    root = _certificate(root_name, root_name, root_key, ends).add_extension(
        x509.BasicConstraints(ca=True, path_length=None), critical=True
    )
    leaf = _certificate(name, root_name, key, ends).add_extension(
        x509.ExtendedKeyUsage([x509.oid.ExtendedKeyUsageOID.TIME_STAMPING]), critical=True
    )
    sha = hashes.SHA256()
    return Authority(key, leaf.sign(root_key, sha), root.sign(root_key, sha))


def _named(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])


def _certificate(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePrivateKey, ends: timedelta
) -> x509.CertificateBuilder:
    return x509.CertificateBuilder(
        issuer_name=issuer,
        subject_name=subject,
        public_key=key.public_key(),
        serial_number=x509.random_serial_number(),
        not_valid_before=AT - timedelta(days=30),
        not_valid_after=AT + ends,
    )
