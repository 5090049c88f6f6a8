import type { DispatchContext } from "../../mod.ts";
import type { Database } from "./database.ts";
import type { Protocol, ReplyWriter } from "./replies.ts";
import type { Chunk } from "./threads/chunk.ts";

/** Commands of a transaction that is not executed yet. */
export interface Transaction {
  readonly queue: ((out: ReplyWriter) => void)[];
  /** How many bytes their arguments have. */
  size: number;
  /** One of them cannot be executed, so none is. */
  isBroken: boolean;
}

/** What gets replies and messages. */
export interface ClientConnection {
  /** Where it comes from. */
  readonly peer: string;
  /** What messages are sent by, if it is in this thread. */
  readonly context?: DispatchContext | undefined;
  /** The same if it is in another one. */
  readonly push?: ((chunk: Chunk) => void) | undefined;
  /** Sends what was replied so far. */
  flush(): void;
  /** Closes it behind what was replied, and what is about to be. */
  close(): void;
  /** Closes it now, since somebody else wants that; the client has left then. */
  end(): void;
}

/** One client: what it has said of itself, and what is under way. */
export class Client {
  readonly id: number;
  readonly connection: ClientConnection;
  database: Database;
  protocol: Protocol = 2;
  name = "";
  /** What it has asked for last. */
  commandName = "";
  transaction: Transaction | undefined = undefined;
  /** Keys that it watches, each with what tells of their database. */
  readonly watched = new Map<Database, Set<string>>();
  /** One of them was changed. */
  isWatchBroken = false;
  /** Channels and patterns that it listens to. */
  readonly channels = new Set<string>();
  readonly patterns = new Set<string>();

  constructor(id: number, database: Database, connection: ClientConnection) {
    this.id = id;
    this.database = database;
    this.connection = connection;
  }

  /** How many channels and patterns it listens to. */
  get subscriptionCount(): number {
    return this.channels.size + this.patterns.size;
  }
}
