// The messages of a simulated handshake, laid out as those of TLS are
// (RFC 8446, section 4), and without what only encryption needs.

import { Cursor, plainName } from "../../adapters/tls/client_hello.ts";
import type { TlsVersion } from "../../contract/tls_info.ts";
import { concatBytes } from "../../util/concat_bytes.ts";
import { encoder } from "../../util/utf8.ts";

export const CLIENT_HELLO = 1;
export const SERVER_HELLO = 2;
export const CERTIFICATE = 11;
export const CERTIFICATE_REQUEST = 13;
/** TLS 1.2 only. */
export const HELLO_DONE = 14;
export const FINISHED = 20;

const SERVER_NAME = 0;
const ALPN = 16;
const SUPPORTED_VERSIONS = 43;

const DECODER = new TextDecoder();

export const RANDOM_SIZE = 32;
const NUMBER_OF: Readonly<Record<TlsVersion, number>> = {
  "TLSv1.2": 0x0303,
  "TLSv1.3": 0x0304,
};
const LEGACY_VERSION = NUMBER_OF["TLSv1.2"];
const CIPHERS: Readonly<Record<TlsVersion, [number: number, name: string]>> = {
  "TLSv1.2": [0xc02b, "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256"],
  "TLSv1.3": [0x1301, "TLS_AES_128_GCM_SHA256"],
};

/** All versions, the oldest first. */
export const VERSIONS: readonly TlsVersion[] = ["TLSv1.2", "TLSv1.3"];

/** The ClientHello. */
export interface ClientHello {
  readonly random: Uint8Array;
  readonly versions: readonly TlsVersion[];
  readonly serverName: string | undefined;
  readonly alpn: readonly string[];
}

/** The ServerHello. */
export interface ServerHello {
  readonly random: Uint8Array;
  readonly version: TlsVersion;
  readonly alpn: string | undefined;
}

/** The name of the cipher that goes with `version`. */
export function cipherOf(version: TlsVersion): string {
  return CIPHERS[version][1];
}

/** A message of `type`. */
export function message(type: number, ...parts: Uint8Array[]): Uint8Array {
  return concatBytes(Uint8Array.of(type), vector(3, ...parts));
}

export function encodeClientHello(hello: ClientHello): Uint8Array {
  const { versions, serverName, alpn } = hello;
  const ciphers = versions.map((version) =>
    encodeNumber(2, CIPHERS[version][0])
  );
  const numbers = versions.map((version) =>
    encodeNumber(2, NUMBER_OF[version])
  );
  const extensions = [
    extension(SUPPORTED_VERSIONS, vector(1, ...numbers)),
  ];
  if (serverName !== undefined) {
    const name = concatBytes(
      encodeNumber(1, 0),
      vector(2, encoder.encode(serverName)),
    );
    extensions.push(extension(SERVER_NAME, vector(2, name)));
  }
  if (alpn.length > 0) extensions.push(extension(ALPN, protocols(alpn)));
  return message(
    CLIENT_HELLO,
    encodeNumber(2, LEGACY_VERSION),
    hello.random,
    vector(1), // the session
    vector(2, ...ciphers),
    vector(1, encodeNumber(1, 0)), // the compressions
    vector(2, ...extensions),
  );
}

/** Throws if `body` is not a ClientHello. */
export function decodeClientHello(body: Uint8Array): ClientHello {
  const hello = new Cursor(body);
  hello.take(2);
  const random = hello.take(RANDOM_SIZE);
  hello.vector(1);
  hello.vector(2);
  hello.vector(1);
  const versions: TlsVersion[] = [];
  const alpn: string[] = [];
  let serverName: string | undefined;
  for (const [type, content] of extensionsOf(hello)) {
    if (type === SUPPORTED_VERSIONS) {
      const list = content.vector(1);
      while (list.left > 0) versions.push(versionOf(list.number(2)));
    } else if (type === ALPN) alpn.push(...protocolsOf(content));
    else if (type === SERVER_NAME) {
      const names = content.vector(2);
      names.number(1);
      serverName = plainName(restAsText(names.vector(2)));
    }
  }
  return { random, versions, serverName, alpn };
}

export function encodeServerHello(hello: ServerHello): Uint8Array {
  const { version, alpn } = hello;
  const extensions = [
    extension(SUPPORTED_VERSIONS, encodeNumber(2, NUMBER_OF[version])),
  ];
  if (alpn !== undefined) extensions.push(extension(ALPN, protocols([alpn])));
  return message(
    SERVER_HELLO,
    encodeNumber(2, LEGACY_VERSION),
    hello.random,
    vector(1),
    encodeNumber(2, CIPHERS[version][0]),
    encodeNumber(1, 0),
    vector(2, ...extensions),
  );
}

/** Throws if `body` is not a ServerHello. */
export function decodeServerHello(body: Uint8Array): ServerHello {
  const hello = new Cursor(body);
  hello.take(2);
  const random = hello.take(RANDOM_SIZE);
  hello.vector(1);
  hello.take(3);
  let version: TlsVersion = "TLSv1.2";
  let alpn: string | undefined;
  for (const [type, content] of extensionsOf(hello)) {
    if (type === SUPPORTED_VERSIONS) version = versionOf(content.number(2));
    else if (type === ALPN) [alpn] = protocolsOf(content);
  }
  return { random, version, alpn };
}

/** The certificates of `chain`, each as DER. */
export function encodeCertificates(chain: readonly Uint8Array[]): Uint8Array {
  const list = vector(3, ...chain.map((one) => vector(3, one)));
  return message(CERTIFICATE, list);
}

/** Throws if `body` is not a list of certificates. */
export function decodeCertificates(body: Uint8Array): Uint8Array[] {
  const list = new Cursor(body).vector(3);
  const chain: Uint8Array[] = [];
  while (list.left > 0) {
    const one = list.vector(3);
    chain.push(one.take(one.left));
  }
  return chain;
}

/** Cuts the contents of handshake records into messages. */
export class MessageReader {
  #bytes: Uint8Array = new Uint8Array(0);

  append(content: Uint8Array): void {
    this.#bytes = concatBytes(this.#bytes, content);
  }

  /** The next message; undefined if it is incomplete. */
  next(): { readonly type: number; readonly body: Uint8Array } | undefined {
    const bytes = this.#bytes;
    if (bytes.length < 4) return undefined;
    const [type, high, middle, low] = bytes;
    const end = 4 + (high << 16 | middle << 8 | low);
    if (bytes.length < end) return undefined;
    this.#bytes = bytes.subarray(end);
    return { type, body: bytes.subarray(4, end) };
  }
}

function* extensionsOf(hello: Cursor): Iterable<[type: number, Cursor]> {
  const extensions = hello.vector(2);
  while (extensions.left > 0) {
    yield [extensions.number(2), extensions.vector(2)];
  }
}

function encodeNumber(size: number, value: number): Uint8Array {
  return Uint8Array.from(
    { length: size },
    (_, i) => value >>> 8 * (size - 1 - i) & 0xff,
  );
}

/** `parts` preceded by their length in `size` bytes. */
function vector(size: number, ...parts: Uint8Array[]): Uint8Array {
  const inside = concatBytes(...parts);
  return concatBytes(encodeNumber(size, inside.length), inside);
}

function extension(type: number, content: Uint8Array): Uint8Array {
  return concatBytes(encodeNumber(2, type), vector(2, content));
}

function protocols(names: readonly string[]): Uint8Array {
  return vector(2, ...names.map((name) => vector(1, encoder.encode(name))));
}

function protocolsOf(content: Cursor): string[] {
  const list = content.vector(2);
  const names: string[] = [];
  while (list.left > 0) names.push(restAsText(list.vector(1)));
  return names;
}

function restAsText(bytes: Cursor): string {
  return DECODER.decode(bytes.take(bytes.left));
}

function versionOf(number: number): TlsVersion {
  const found = VERSIONS.find((version) => NUMBER_OF[version] === number);
  if (found === undefined) throw new Error(`no version of TLS is ${number}`);
  return found;
}
