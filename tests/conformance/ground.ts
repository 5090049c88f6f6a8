import type { Adapter, Address, SocketAddress } from "../../mod.ts";

/** What a peer hears at the end of a connection. */
export type Ending = "FIN" | "a reset";

/** A peer that is not ours: a plain socket, half-open if the other side ends. */
export interface Peer {
  /** What came in. */
  readonly chunks: readonly Uint8Array[];
  /** How many bytes came in. */
  readonly received: number;
  /** Resolves at the other side's FIN. */
  readonly ended: Promise<void>;
  /** Resolves when the socket is gone. */
  readonly closed: Promise<void>;

  /** Sends `bytes`. */
  write(...bytes: number[]): void;
  /** Sends `bytes`, which are not to be changed until they are out. */
  send(bytes: Uint8Array): void;
  /** Sends FIN; goes on reading. */
  end(): void;
  /** Stops reading. */
  pause(): void;
  /** Goes on reading. */
  resume(): void;
  /** Ends it by force. */
  destroy(): void;
  /** Resolves when `count` bytes are in. */
  has(count: number): Promise<void>;
}

/** A place where connecting takes for ever. */
export interface DeafPlace {
  readonly address: Address;
  close(): void | Promise<void>;
}

/** A peer of its own pace that sends back what it receives. */
export interface AnsweringPeer {
  /** How many bytes it has sent back. */
  readonly countAnswered: number;
  /** Has it read, which it does not before. */
  begin(): void;
  /** Resolves when it is gone, after the connection. */
  readonly gone: Promise<unknown>;
}

/** An echo server in a process of its own. */
export interface EchoServer {
  readonly address: Address;
  /** False when it has ended. */
  readonly isAlive: boolean;
  kill(): void;
}

/** What the tests stand on: an adapter, its time, and who else is there. */
export interface Ground {
  readonly adapter: Adapter;
  /** Where servers of the tests listen: peers reach the address, the port is of the system's choice. */
  readonly anyPort: string;
  /** Literal addresses that can be listened on, IPv6 in brackets. */
  readonly hosts: readonly string[];

  /** Resolves after `ms` milliseconds. */
  readonly sleep: (ms: number) => Promise<void>;
  /** Resolves when `condition` holds; fails if it does not within ten seconds. */
  readonly eventually: (
    condition: () => boolean,
    what: string,
  ) => Promise<void>;

  /** Connects a peer to `address`; resolves when it is connected, or closed as soon as that. */
  readonly connectPeer: (address: SocketAddress) => Promise<Peer>;
  /** Connects to `address`; resolves when the connection is dropped there. */
  readonly dropped: (address: SocketAddress) => Promise<void>;
  /** Holds the program of the tests up for `ms` milliseconds, and until `condition` holds: it serves no socket and no timer. Peers go on. */
  readonly holdUp: (ms: number, condition?: () => boolean) => void;
  /** Connects a peer to `address` that goes on while the tests are held up. */
  readonly connectAnsweringPeer: (
    address: SocketAddress,
  ) => Promise<AnsweringPeer>;
  /** Makes a place where connecting takes for ever. */
  readonly openDeafPlace: () => Promise<DeafPlace>;

  /** What the peer of an abort hears. */
  readonly endingOfAbort: Ending;
  /** Has a process connect to `address`, send half a message, and be killed when it is answered. */
  readonly startDyingPeer: (address: SocketAddress) => void;

  /** Starts an echo server that can have so many files open; left out where that cannot be limited. */
  readonly startLimitedServer?:
    | ((fileLimit: number) => Promise<EchoServer>)
    | undefined;
}
