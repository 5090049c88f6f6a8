/**
 * The format of PROXY headers, defined in HAProxy's specification "The PROXY
 * protocol, Versions 1 & 2".
 *
 * @module
 */

/** The start of a header of version 1. */
export const TEXT_PREFIX = "PROXY ";

/** The most bytes in the line of version 1, including CR LF. */
export const MAX_LINE = 107;

/** The start of a header of version 2. */
export const SIGNATURE: readonly number[] = [
  ...[0x0d, 0x0a, 0x0d, 0x0a, 0x00, 0x0d, 0x0a],
  ...[0x51, 0x55, 0x49, 0x54, 0x0a],
];

/** The offsets of the fields of version 2; `command` also holds the version. */
export const AT = { command: 12, family: 13, length: 14, body: 16 } as const;

export const VERSION = 2;
export const LOCAL = 0;
export const PROXY = 1;

/** The address families, in the high four bits. */
export const Family = { Unspecified: 0, Ipv4: 1, Ipv6: 2, Unix: 3 } as const;

/** The transport protocols, in the low four bits. */
export const STREAM = 1;
export const DATAGRAM = 2;

/** The size of each of the two addresses by family, in bytes, without ports. */
export const ADDRESS_SIZE: readonly number[] = [0, 4, 16, 108];

/** The size of both ports together by family, in bytes. */
export const PORTS_SIZE: readonly number[] = [0, 4, 4, 0];

/** The size of a field's type and length, in bytes. */
export const TLV_HEAD = 3;

export const CHECKSUM_SIZE = 4;
export const MAX_UNIQUE_ID = 128;

/** The types of the fields inside the TLS field. */
export const TlsField = {
  Version: 0x21,
  CommonName: 0x22,
  Cipher: 0x23,
  SignatureAlgorithm: 0x24,
  KeyAlgorithm: 0x25,
} as const;

/** The bits in the first byte of the TLS field. */
export const TlsBit = {
  UsesTls: 1,
  SentCertificate: 2,
  SentCertificateInSession: 4,
} as const;
