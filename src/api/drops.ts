/**
 * The connections that a listener drops.
 *
 * @module
 */

/**
 * Why a listener dropped a connection:
 *
 * - `maxConnections`, `maxConnectionsPerAddress`, `acceptsPerSecond`: more than
 *   the option of that name allows.
 * - `handshakeFailed`: its handshake of TLS, or its upgrade, failed or took too long.
 * - `handlerFailed`: `onNewConnection` threw, or gave no reactor that can be used.
 * - `noRoom`: the runtime has as many reactors as it can have.
 * - `noThread`: of a {@linkcode SharedListener} whose connections are relayed: no
 *   thread takes them.
 * - `proxyUntrusted`: it came from none of the proxies that are `trusted`.
 * - `proxyHeaderMissing`: it did not begin with a PROXY header, or ended before
 *   that was whole.
 * - `proxyHeaderInvalid`: its PROXY header breaks the specification, fails its
 *   checksum, or has more than `maxBytes`.
 * - `proxyHeaderTimeout`: its PROXY header was not whole within `timeoutMs`.
 * - `closing`: it came in as the listener was closed, or its handshake was under
 *   way, or its PROXY header.
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

/** None. */
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

/** Every reason. */
export const DROP_REASONS: readonly DropReason[] = /* @__PURE__ */ Object.keys(
  NO_DROPS,
) as DropReason[];

/** The counts that `countOf` tells. */
export function dropCounts(
  countOf: (reason: DropReason, index: number) => number,
): DropCounts {
  const counts = DROP_REASONS.map((reason, i) => [reason, countOf(reason, i)]);
  return Object.fromEntries(counts) as DropCounts;
}

/** How many they are in all. */
export function sumOf(counts: DropCounts): number {
  return Object.values(counts).reduce((sum, count) => sum + count, 0);
}
