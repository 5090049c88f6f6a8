import type { Adapter, Address } from "../../mod.ts";

/** How a connection ends, as its peer sees it. */
export type Ending = "FIN" | "a reset";

/**
 * A plain socket as a peer, which stays half-open after the FIN of the other
 * side.
 */
export interface Peer {
  /** The chunks it has received. */
  readonly chunks: readonly Uint8Array[];
  /** Number of bytes it has received. */
  readonly received: number;
  /** Resolves at the FIN of the other side. */
  readonly ended: Promise<void>;
  /** Resolves when the socket has closed. */
  readonly closed: Promise<void>;

  /** Sends `bytes`. */
  write(...bytes: number[]): void;
  /** Sends `bytes`, which must not be changed until they are sent. */
  send(bytes: Uint8Array): void;
  /** Sends FIN, but continues to read. */
  end(): void;
  /** Stops reading. */
  pause(): void;
  /** Resumes reading. */
  resume(): void;
  /** Destroys the socket. */
  destroy(): void;
  /** Resolves when it has received `count` bytes. */
  has(count: number): Promise<void>;
}

/** An address where connects never complete. */
export interface BlackHole {
  readonly address: Address;
  close(): void | Promise<void>;
}

/** A peer in another thread that sends back what it receives. */
export interface AnsweringPeer {
  /** Number of bytes it has sent back. */
  readonly answeredCount: number;
  /** Starts reading. */
  begin(): void;
  /** Resolves when its thread has ended, after the connection. */
  readonly gone: Promise<unknown>;
}

/** An echo server in another process. */
export interface EchoServer {
  readonly address: Address;
  /** False once its process has ended. */
  readonly isAlive: boolean;
  kill(): void;
}

/** The environment of the tests: an adapter, its clock, and peers. */
export interface Environment {
  readonly adapter: Adapter;
  /**
   * The address on which servers of the tests listen: reachable for peers, with
   * a port that the system chooses.
   */
  readonly anyPort: string;
  /** Literal addresses to listen on, IPv6 in brackets. */
  readonly hosts: readonly string[];
  /**
   * True to test with the largest numbers of bytes, connections and ids. Left
   * out where the suite is repeated on other sockets, with a fifth of them.
   */
  readonly playsMost?: boolean;
  /**
   * More bytes than the systems of both ends buffer, in both directions.
   * Default: those of TCP.
   */
  readonly moreThanHeld?: number;
  /** True if time is simulated. */
  readonly isSimulated?: boolean;

  /** Resolves after `ms` milliseconds. */
  readonly sleep: (ms: number) => Promise<void>;
  /**
   * Resolves when `condition` holds. Rejects if it does not within ten seconds.
   */
  readonly eventually: (
    condition: () => boolean,
    what: string,
  ) => Promise<void>;

  /**
   * Connects a peer to `address`. Resolves when it is connected, even if it is
   * closed at once.
   */
  readonly connectPeer: (address: Address) => Promise<Peer>;
  /**
   * Connects to `address`. Resolves when the server has dropped the connection.
   */
  readonly dropped: (address: Address) => Promise<void>;
  /**
   * Blocks the event loop of the tests for `ms` milliseconds, and until
   * `condition` holds. Peers in other threads continue.
   */
  readonly blockEventLoop: (ms: number, condition?: () => boolean) => void;
  /**
   * Connects a peer to `address` that continues while the event loop is
   * blocked.
   */
  readonly connectAnsweringPeer: (address: Address) => Promise<AnsweringPeer>;
  /** Creates an address where connects never complete. */
  readonly openBlackHole: () => Promise<BlackHole>;

  /** How an aborted connection ends for its peer. */
  readonly endingOfAbort: Ending;
  /** True if the transport reports the reason of a close to the peer. */
  readonly tellsReasons?: boolean | undefined;
  /**
   * Starts a process that connects to `address`, sends half a message, and is
   * killed when it gets an answer.
   */
  readonly startDyingPeer: (address: Address) => void;

  /**
   * Starts an echo server that may open `fileLimit` files. Left out where that
   * cannot be limited.
   */
  readonly startLimitedServer?:
    | ((fileLimit: number) => Promise<EchoServer>)
    | undefined;
}
