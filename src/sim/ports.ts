import type { ConnectAddress } from "../contract/address.ts";
import type { ListeningSocket } from "./listening_socket.ts";
import { socketFailure } from "./failures.ts";

const FIRST_EPHEMERAL_PORT = 49152;
const LAST_PORT = 65535;
const ANY_ADDRESS: readonly string[] = ["0.0.0.0", "::"];

/**
 * The ports of a host and the paths of its Unix sockets, with the sockets bound
 * to them.
 */
export class Ports {
  readonly #bound = new Map<number, ListeningSocket[]>();
  readonly #boundPaths = new Map<string, ListeningSocket>();
  #next = FIRST_EPHEMERAL_PORT;

  /** A port that is not in use. */
  nextFree(): number {
    let port: number;
    do {
      port = this.#next;
      this.#next = port === LAST_PORT ? FIRST_EPHEMERAL_PORT : port + 1;
    } while (this.#bound.has(port));
    return port;
  }

  /** The port to bind at `hostname`: `port`, or a free one if that is 0. Throws a `SocketFailure` if it is in use. */
  choose(hostname: string, port: number, reusePort: boolean): number {
    const chosen = port === 0 ? this.nextFree() : port;
    for (const other of this.#bound.get(chosen) ?? []) {
      const isSame = isAt(other, hostname);
      if (isSame && !(reusePort && other.reusesPort)) {
        throw socketFailure("in-use");
      }
    }
    return chosen;
  }

  /** Throws a `SocketFailure` if somebody listens at `path`. A stale file does no harm. */
  choosePath(path: string): void {
    if (this.#boundPaths.has(path)) throw socketFailure("in-use");
  }

  bind(socket: ListeningSocket): void {
    const { address } = socket;
    if (address.transport === "unix") {
      this.#boundPaths.set(address.path, socket);
      return;
    }
    const { port } = address;
    const bound = this.#bound.get(port);
    if (bound === undefined) this.#bound.set(port, [socket]);
    else bound.push(socket);
  }

  unbind(socket: ListeningSocket): void {
    const { address } = socket;
    if (address.transport === "unix") {
      this.#boundPaths.delete(address.path);
      return;
    }
    const { port } = address;
    const left = this.#bound.get(port)?.filter((other) => other !== socket);
    if (left === undefined || left.length === 0) this.#bound.delete(port);
    else this.#bound.set(port, left);
  }

  /** The sockets that accept connections to `address`. */
  listeningAt(address: ConnectAddress): ListeningSocket[] {
    if (address.transport === "unix") {
      const socket = this.#boundPaths.get(address.path);
      return socket === undefined || socket.isClosed ? [] : [socket];
    }
    return (this.#bound.get(address.port) ?? []).filter((socket) =>
      !socket.isClosed && isAt(socket, address.hostname)
    );
  }
}

/** True for the addresses that stand for all addresses of a host. */
export function isAnyAddress(hostname: string): boolean {
  return ANY_ADDRESS.includes(hostname);
}

/** True if `socket` listens at `hostname`, whatever the port. */
function isAt({ address }: ListeningSocket, hostname: string): boolean {
  return address.transport === "tcp" && overlaps(address.hostname, hostname);
}

function overlaps(a: string, b: string): boolean {
  return a === b || isAnyAddress(a) || isAnyAddress(b);
}
