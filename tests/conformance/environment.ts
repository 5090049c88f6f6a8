import type { Adapter, Address } from "../../mod.ts";

/** How a connection ends for a peer. */
export type Ending = "FIN" | "a reset";

/** A peer that is not of the library: a plain socket, half-open after the FIN of the other side. */
export interface Peer {
  /** What it has received. */
  readonly chunks: readonly Uint8Array[];
  /** How many bytes it has received. */
  readonly received: number;
  /** Resolves at the FIN of the other side. */
  readonly ended: Promise<void>;
  /** Resolves when the socket is gone. */
  readonly closed: Promise<void>;

  /** Sends `bytes`. */
  write(...bytes: number[]): void;
  /** Sends `bytes`, which must not be changed until they are sent. */
  send(bytes: Uint8Array): void;
  /** Sends a FIN; goes on reading. */
  end(): void;
  /** Stops reading. */
  pause(): void;
  /** Resumes reading. */
  resume(): void;
  /** Ends it by force. */
  destroy(): void;
  /** Resolves when it has received `count` bytes. */
  has(count: number): Promise<void>;
}

/** An address where connecting takes for ever. */
export interface BlackHole {
  readonly address: Address;
  close(): void | Promise<void>;
}

/** A peer that runs at its own pace and sends back what it receives. */
export interface AnsweringPeer {
  /** How many bytes it has sent back. */
  readonly answeredCount: number;
  /** Starts reading, which it does not do before. */
  begin(): void;
  /** Resolves when it is gone, after the connection. */
  readonly gone: Promise<unknown>;
}

/** An echo server in a process of its own. */
export interface EchoServer {
  readonly address: Address;
  /** False once it has ended. */
  readonly isAlive: boolean;
  kill(): void;
}

/** What the tests run in: an adapter, its time, and peers. */
export interface Environment {
  readonly adapter: Adapter;
  /** Where servers of the tests listen: an address that peers reach, with a port of the system's choice. */
  readonly anyPort: string;
  /** Literal addresses that can be listened on, IPv6 in brackets. */
  readonly hosts: readonly string[];
  /** True where the most is played of what is promised of any number: as many bytes, connections and ids as the suite has. Left out where the suite is played once more on other sockets: there it is a fifth. */
  readonly playsMost?: boolean;
  /** More bytes than the systems of both ends hold of a connection, both ways; those of TCP if left out. */
  readonly moreThanHeld?: number;

  /** Resolves after `ms` milliseconds. */
  readonly sleep: (ms: number) => Promise<void>;
  /** Resolves when `condition` holds; fails if it does not within ten seconds. */
  readonly eventually: (
    condition: () => boolean,
    what: string,
  ) => Promise<void>;

  /** Connects a peer to `address`; resolves when it is connected, even if it is closed at once. */
  readonly connectPeer: (address: Address) => Promise<Peer>;
  /** Connects to `address`; resolves when the connection is dropped there. */
  readonly dropped: (address: Address) => Promise<void>;
  /** Blocks the event loop of the tests for `ms` milliseconds, and until `condition` holds: no socket and no timer is served. Peers go on. */
  readonly blockEventLoop: (ms: number, condition?: () => boolean) => void;
  /** Connects a peer to `address` that goes on while the event loop is blocked. */
  readonly connectAnsweringPeer: (address: Address) => Promise<AnsweringPeer>;
  /** Creates an address where connecting takes for ever. */
  readonly openBlackHole: () => Promise<BlackHole>;

  /** How a connection that is aborted ends for its peer. */
  readonly endingOfAbort: Ending;
  /** True if who is closed for a reason is told so by what carries the connection. */
  readonly tellsReasons?: boolean | undefined;
  /** Starts a process that connects to `address`, sends half a message, and is killed when it is answered. */
  readonly startDyingPeer: (address: Address) => void;

  /** Starts an echo server that can open `fileLimit` files; left out where that cannot be limited. */
  readonly startLimitedServer?:
    | ((fileLimit: number) => Promise<EchoServer>)
    | undefined;
}
