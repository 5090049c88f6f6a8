/**
 * Connections that a listener drops.
 *
 * @module
 */

/**
 * Why a listener dropped a connection:
 *
 * - `maxConnections`, `maxConnectionsPerAddress`, `acceptsPerSecond`: more than
 *   the option of that name allows.
 * - `handshakeFailed`: its TLS handshake, or its upgrade, failed or took too long.
 * - `handlerFailed`: `onNewConnection` threw, or returned no usable reactor.
 * - `noRoom`: the runtime has as many reactors as it can have.
 * - `noThread`: no thread takes it; only for a {@linkcode SharedListener} that
 *   relays connections.
 * - `proxyUntrusted`: it came from an address that is not `trusted`.
 * - `proxyHeaderMissing`: it did not begin with a PROXY header, or ended before the
 *   header was complete.
 * - `proxyHeaderInvalid`: its PROXY header breaks the specification, fails its
 *   checksum, or has more than `maxBytes`.
 * - `proxyHeaderTimeout`: its PROXY header was not complete within `timeoutMs`.
 * - `closing`: it came in while the listener was closing, or its handshake or PROXY
 *   header was then still under way.
 *
 * @category Reactors
 */
export type DropReason =
  | "maxConnections"
  | "maxConnectionsPerAddress"
  | "acceptsPerSecond"
  | "handshakeFailed"
  | "handlerFailed"
  | "noRoom"
  | "noThread"
  | "proxyUntrusted"
  | "proxyHeaderMissing"
  | "proxyHeaderInvalid"
  | "proxyHeaderTimeout"
  | "closing";

/**
 * How many connections were dropped, by reason.
 *
 * @category Reactors
 */
export type DropCounts = Readonly<Record<DropReason, number>>;

export const NO_DROPS: DropCounts = {
  maxConnections: 0,
  maxConnectionsPerAddress: 0,
  acceptsPerSecond: 0,
  handshakeFailed: 0,
  handlerFailed: 0,
  noRoom: 0,
  noThread: 0,
  proxyUntrusted: 0,
  proxyHeaderMissing: 0,
  proxyHeaderInvalid: 0,
  proxyHeaderTimeout: 0,
  closing: 0,
};

export const DROP_REASONS: readonly DropReason[] = /* @__PURE__ */ Object.keys(
  NO_DROPS,
) as DropReason[];

/** Builds counts from `countOf`. */
export function dropCounts(
  countOf: (reason: DropReason, index: number) => number,
): DropCounts {
  const counts = DROP_REASONS.map((reason, i) => [reason, countOf(reason, i)]);
  return Object.fromEntries(counts) as DropCounts;
}

/** The sum of all counts. */
export function sumOf(counts: DropCounts): number {
  return Object.values(counts).reduce((sum, count) => sum + count, 0);
}
