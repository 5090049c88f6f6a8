import type { DispatchContext } from "../../mod.ts";
import type { Database } from "./database.ts";
import type { Protocol, ReplyWriter } from "./replies.ts";
import type { Chunk } from "./threads/chunk.ts";

/** The queued commands of a transaction. */
export interface Transaction {
  readonly queue: ((out: ReplyWriter) => void)[];
  /** How many bytes their arguments have. */
  size: number;
  /** One of them was refused, so EXEC executes none. */
  isBroken: boolean;
}

/** Where replies and messages go. */
export interface ClientConnection {
  /** The address of the client. */
  readonly peer: string;
  /** Sends messages, if the connection is in this thread. */
  readonly context?: DispatchContext | undefined;
  /** Sends messages, if the connection is in another thread. */
  readonly push?: ((chunk: Chunk) => void) | undefined;
  /** Sends the replies so far. */
  flush(): void;
  /** Closes it after these replies, and those of the current read. */
  close(): void;
  /** Closes it now, because another client wants that. */
  end(): void;
}

/** One client: its settings, its transaction, and what it watches and listens to. */
export class Client {
  readonly id: number;
  readonly connection: ClientConnection;
  database: Database;
  protocol: Protocol = 2;
  name = "";
  /** Its last command. */
  commandName = "";
  transaction: Transaction | undefined = undefined;
  /** The keys that it watches, by their database. */
  readonly watched = new Map<Database, Set<string>>();
  /** One of these was changed. */
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
