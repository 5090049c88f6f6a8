/**
 * The form of PROXY headers, as the specification of HAProxy has it: "The PROXY
 * protocol, Versions 1 & 2".
 *
 * @module
 */

/** What version 1 begins with. */
export const TEXT_PREFIX = "PROXY ";

/** So many bytes has the line of version 1 at most, with CR LF. */
export const MAX_LINE = 107;

/** What version 2 begins with. */
export const SIGNATURE: readonly number[] = [
  ...[0x0d, 0x0a, 0x0d, 0x0a, 0x00, 0x0d, 0x0a],
  ...[0x51, 0x55, 0x49, 0x54, 0x0a],
];

/** Where the version and the command are, and what follows them. */
export const AT = { command: 12, family: 13, length: 14, body: 16 } as const;

export const VERSION = 2;
export const LOCAL = 0;
export const PROXY = 1;

/** The families of addresses, in the high four bits. */
export const Family = { Unspecified: 0, Ipv4: 1, Ipv6: 2, Unix: 3 } as const;

/** What carries the connection, in the low four bits. */
export const STREAM = 1;
export const DATAGRAM = 2;

/** So many bytes has each of the two addresses of a family, without ports. */
export const ADDRESS_SIZE: readonly number[] = [0, 4, 16, 108];

/** So many bytes the two ports have that follow the addresses of a family. */
export const PORTS_SIZE: readonly number[] = [0, 4, 4, 0];

/** So many bytes the type and the length of a field have. */
export const TLV_HEAD = 3;

export const CHECKSUM_SIZE = 4;
export const MAX_UNIQUE_ID = 128;

/** The types of the fields inside `tls`. */
export const TlsField = {
  Version: 0x21,
  CommonName: 0x22,
  Cipher: 0x23,
  SignatureAlgorithm: 0x24,
  KeyAlgorithm: 0x25,
} as const;

/** The bits that `tls` begins with. */
export const TlsBit = {
  UsesTls: 1,
  SentCertificate: 2,
  SentCertificateInSession: 4,
} as const;
