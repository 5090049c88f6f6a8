import {
  type Address,
  type ConnectAddress,
  type SocketAddress,
  type TcpAddress,
  UNKNOWN_ADDRESS,
} from "../contract/address.ts";
import { withZone } from "./zones.ts";

/**
 * An address as a runtime reports it. Fields are empty or undefined if unknown.
 */
export interface HostAddress {
  readonly hostname: string | undefined;
  readonly port: number | undefined;
}

/** Both addresses of a Unix socket; no runtime reports them. */
export interface KnownAddresses {
  readonly local: SocketAddress;
  readonly remote: SocketAddress;
}

/**
 * What is known of a socket's addresses without asking the runtime: the host
 * name that was listened on or connected to, or both addresses.
 */
export type AddressHint = string | KnownAddresses;

/** True for a Unix socket. */
export function isUnix(hint: AddressHint): hint is KnownAddresses {
  return typeof hint === "object";
}

/**
 * What is known of a socket that was accepted at `address`. For a Unix socket
 * that is everything: its peer has no address.
 */
export function acceptedAt(address: Address): AddressHint {
  return address.transport === "tcp"
    ? address.hostname
    : { local: address, remote: UNKNOWN_ADDRESS };
}

/** What is known of a socket that was connected to `address`. */
export function connectedTo(address: ConnectAddress): AddressHint {
  return address.transport === "tcp"
    ? address.hostname
    : { local: UNKNOWN_ADDRESS, remote: address };
}

/**
 * The address of one `end` of a socket: from `hint` if it is known there,
 * otherwise from `query`, which calls the runtime and may throw.
 */
export function queriedAddress(
  query: () => HostAddress,
  hint: AddressHint,
  end: keyof KnownAddresses,
): SocketAddress {
  if (isUnix(hint)) return hint[end];
  try {
    const { hostname, port } = query();
    return hostname && port !== undefined
      ? boundAddress(hostname, port, hint)
      : UNKNOWN_ADDRESS;
  } catch {
    return UNKNOWN_ADDRESS;
  }
}

/** The addresses of a socket, as properties of Bun's and Node's sockets. */
interface ReportedAddresses {
  readonly localAddress?: string | undefined;
  readonly localPort?: number | undefined;
  readonly remoteAddress?: string | undefined;
  readonly remotePort?: number | undefined;
}

/**
 * The address of one `end` of a socket, read from `reported` unless `hint`
 * contains it.
 */
export function reportedAddress(
  reported: ReportedAddresses,
  hint: AddressHint,
  end: keyof KnownAddresses,
): SocketAddress {
  return queriedAddress(
    () =>
      end === "local"
        ? { hostname: reported.localAddress, port: reported.localPort }
        : { hostname: reported.remoteAddress, port: reported.remotePort },
    hint,
    end,
  );
}

/** A TCP address, with the zone of the host name in `requested`. */
function boundAddress(
  hostname: string,
  port: number,
  requested: string,
): TcpAddress {
  return { transport: "tcp", hostname: withZone(hostname, requested), port };
}

/**
 * The address of a listener, as the runtime reports it; `requested` if it
 * reports none, as for an inherited Unix socket.
 */
export function listenedAt(
  { hostname, port }: HostAddress,
  requested: Address,
): Address {
  if (requested.transport === "unix" || !hostname || port === undefined) {
    return requested;
  }
  const requestedHost = requested.transport === "tcp"
    ? requested.hostname
    : hostname;
  return boundAddress(hostname, port, requestedHost);
}
