/** What a client offers, none of which a server may support. */
export interface Hello {
  readonly ciphers?: readonly number[];
  readonly groups?: readonly number[];
  readonly signatures?: readonly number[];
}

const X25519 = 0x001d;
const AES_128 = 0x1301;
const ECDSA_P256 = 0x0403;
const SHARE_SIZE = 32;

/** A ClientHello of TLS 1.3, as a record. */
export function clientHello({
  ciphers = [AES_128],
  groups = [X25519],
  signatures = [ECDSA_P256],
}: Hello = {}): Uint8Array {
  const share = new Array<number>(SHARE_SIZE).fill(9);
  const extensions = [
    extension(10, vector(2, groups.flatMap(word))),
    extension(13, vector(2, signatures.flatMap(word))),
    extension(43, vector(1, word(0x0304))),
    extension(51, vector(2, [...word(groups[0]), ...vector(2, share)])),
  ];
  const message = [
    ...word(0x0303),
    ...new Array<number>(32).fill(7),
    ...vector(1, []),
    ...vector(2, ciphers.flatMap(word)),
    ...vector(1, [0]),
    ...vector(2, extensions.flat()),
  ];
  return Uint8Array.from([22, 3, 1, ...vector(2, [1, ...vector(3, message)])]);
}

/** An unencrypted fatal alert, as a record. */
export function fatalAlert(description: number): Uint8Array {
  return Uint8Array.of(21, 3, 3, 0, 2, 2, description);
}

function word(value: number): number[] {
  return [value >> 8, value & 255];
}

/** `bytes` after their count, which takes `size` bytes. */
function vector(size: number, bytes: readonly number[]): number[] {
  const count = Array.from(
    { length: size },
    (_, i) => bytes.length >> 8 * (size - 1 - i) & 255,
  );
  return [...count, ...bytes];
}

function extension(type: number, bytes: readonly number[]): number[] {
  return [...word(type), ...vector(2, bytes)];
}
