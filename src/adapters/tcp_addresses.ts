import {
  type Address,
  type SocketAddress,
  type TcpAddress,
  UNKNOWN_ADDRESS,
} from "../contract/address.ts";
import { withZone } from "./zones.ts";

/** One end of a socket as a host tells it: empty or undefined if it does not know. */
export interface HostAddress {
  readonly hostname: string | undefined;
  readonly port: number | undefined;
}

/** What `address` is to an adapter whose one transport is TCP. */
export function tcpOnly(address: Address): TcpAddress {
  if (address.transport === "tcp") return address;
  throw new TypeError(`Cannot use an address of ${address.transport} as TCP`);
}

/** The address that `ask` gets from the host of a socket that was `asked` for at that host name. */
export function askAddress(
  ask: () => HostAddress,
  asked: string,
): SocketAddress {
  try {
    const { hostname, port } = ask();
    return hostname && port !== undefined
      ? boundAddress(hostname, port, asked)
      : UNKNOWN_ADDRESS;
  } catch {
    return UNKNOWN_ADDRESS;
  }
}

/** The address that a socket has, with the zone of the host name that was `asked` for. */
export function boundAddress(
  hostname: string,
  port: number,
  asked: string,
): TcpAddress {
  return { transport: "tcp", hostname: withZone(hostname, asked), port };
}
