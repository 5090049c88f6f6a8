import {
  type Address,
  type ConnectAddress,
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

/** The addresses of a Unix socket, which no host tells. */
export interface KnownAddresses {
  readonly local: SocketAddress;
  readonly remote: SocketAddress;
}

/** What is known of a socket before its host is asked: the host name that was asked for, or its addresses. */
export type Asked = string | KnownAddresses;

/** True of what is known of a Unix socket. */
export function isUnix(asked: Asked): asked is KnownAddresses {
  return typeof asked === "object";
}

/** What is known of a socket that was accepted at `address`: of a Unix socket all, since its peer has no address. */
export function acceptedAt(address: Address): Asked {
  return address.transport === "tcp"
    ? address.hostname
    : { local: address, remote: UNKNOWN_ADDRESS };
}

/** What is known of a socket that was connected to `address`. */
export function connectedTo(address: ConnectAddress): Asked {
  return address.transport === "tcp"
    ? address.hostname
    : { local: UNKNOWN_ADDRESS, remote: address };
}

/** The address of one `end` of a socket, of which `asked` is known: what `ask` gets from its host, unless that is known. */
export function askAddress(
  ask: () => HostAddress,
  asked: Asked,
  end: keyof KnownAddresses,
): SocketAddress {
  if (isUnix(asked)) return asked[end];
  try {
    const { hostname, port } = ask();
    return hostname && port !== undefined
      ? boundAddress(hostname, port, asked)
      : UNKNOWN_ADDRESS;
  } catch {
    return UNKNOWN_ADDRESS;
  }
}

/** The addresses of a socket, as Bun and `node:net` tell them. */
interface ToldAddresses {
  readonly localAddress?: string | undefined;
  readonly localPort?: number | undefined;
  readonly remoteAddress?: string | undefined;
  readonly remotePort?: number | undefined;
}

/** The address of one `end` of a socket, of which `asked` is known, by what is `told` of it. */
export function toldAddress(
  told: ToldAddresses,
  asked: Asked,
  end: keyof KnownAddresses,
): SocketAddress {
  return askAddress(
    () =>
      end === "local"
        ? { hostname: told.localAddress, port: told.localPort }
        : { hostname: told.remoteAddress, port: told.remotePort },
    asked,
    end,
  );
}

/** The address that a socket has, with the zone of the host name that was `asked` for. */
function boundAddress(
  hostname: string,
  port: number,
  asked: string,
): TcpAddress {
  return { transport: "tcp", hostname: withZone(hostname, asked), port };
}

/** Where it is listened on `asked`, by what the host tells of it: of a Unix socket that was handed over nothing. */
export function listenedAt(
  { hostname, port }: HostAddress,
  asked: Address,
): Address {
  if (asked.transport === "unix" || !hostname || port === undefined) {
    return asked;
  }
  const askedHost = asked.transport === "tcp" ? asked.hostname : hostname;
  return boundAddress(hostname, port, askedHost);
}
