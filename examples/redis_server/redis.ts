import type { AppendOnlyFile } from "./append_only/append_only_file.ts";
import { snapshotOf } from "./append_only/snapshot.ts";
import { Client, type ClientConnection } from "./client.ts";
import { Database, type DatabaseEvents } from "./database.ts";
import { PubSub } from "./pub_sub.ts";
import { Watches } from "./watches.ts";

const DATABASES = 16;

/** All state of a server: databases, clients, subscriptions, and the file. */
export class Redis implements DatabaseEvents {
  readonly databases: readonly Database[] = Array.from(
    { length: DATABASES },
    (_, index) => new Database(index, this),
  );
  readonly clients = new Map<number, Client>();
  readonly pubSub = new PubSub();
  readonly watches = new Watches();
  /** The settings that CONFIG GET shows, by name. */
  readonly settings: Readonly<Record<string, string>>;
  commandCount = 0;
  /** How many clients have connected so far. */
  clientCount = 0;
  expiredCount = 0;
  /** How many changes there were. */
  changeCount = 0;
  /** What the current command has recorded instead of itself. */
  #recorded: readonly string[] | undefined = undefined;
  readonly #clock: () => number;
  readonly startedAt: number;
  #file: AppendOnlyFile | undefined = undefined;
  /** Actions that wait until the file is written, in order. */
  #held: (() => void)[] = [];
  #isLoading = false;

  /** `clock` returns milliseconds since 1970. */
  constructor(clock: () => number, settings: Readonly<Record<string, string>>) {
    this.#clock = clock;
    this.settings = settings;
    this.startedAt = clock();
  }

  /** Milliseconds since 1970. While the file is loaded it is 0, so that nothing expires: the file itself says what was deleted. */
  now(): number {
    return this.#isLoading ? 0 : Math.floor(this.#clock());
  }

  onChange(database: Database, key: string): void {
    this.changeCount++;
    this.watches.onChange(database, key);
  }

  onExpire(database: Database, key: string): void {
    this.expiredCount++;
    this.watches.onChange(database, key);
    this.#file?.append(database.index, ["DEL", key]);
  }

  /** `open` opens the file that changes are saved to, and executes what it holds. */
  useFile(open: () => AppendOnlyFile): void {
    this.#isLoading = true;
    this.#file = open();
    this.#isLoading = false;
  }

  /** A client has connected. */
  join(connection: ClientConnection): Client {
    const client = new Client(
      ++this.clientCount,
      this.databases[0],
      connection,
    );
    this.clients.set(client.id, client);
    return client;
  }

  /** A client is gone. */
  leave(client: Client): void {
    this.clients.delete(client.id);
    this.pubSub.leaveAll(client);
    this.watches.clear(client);
  }

  /** Calls `action` when all changes so far are written, so that no reply tells of one that could be lost. */
  whenWritten(action: () => void): void {
    if (this.isHolding) this.#held.push(action);
    else action();
  }

  /** Replies have to wait for the file. */
  get isHolding(): boolean {
    return this.#file !== undefined && this.#file.isPending;
  }

  /** All changes are written. */
  onWritten(): void {
    const held = this.#held;
    this.#held = [];
    for (const action of held) action();
  }

  /** To be called ten times a second. */
  expireSome(): void {
    for (const database of this.databases) database.expireSome();
  }

  /** To be called once a second. */
  onSecond(): void {
    this.#file?.onSecond();
    if (this.#file?.isLong) this.rewriteFile();
  }

  /** Rewrites the file with the current data alone. Returns false if there is no file. Nobody is served meanwhile. */
  rewriteFile(): boolean {
    this.#file?.rewrite(snapshotOf(this.databases));
    return this.#file !== undefined;
  }

  /** Writes all changes now, without waiting for more of this turn. */
  commit(): void {
    this.#file?.commit();
  }

  /** The same, if they are many bytes already. */
  commitIfMuch(): void {
    if (this.#file?.isMuch) this.#file.commit();
  }

  /** Writes what is left. */
  close(): void {
    this.#file?.close();
  }

  /** Records `args` instead of the current command, which would mean something else when it is loaded. */
  record(args: readonly string[]): void {
    this.#recorded = args;
  }

  /** The current command, whose arguments are `args`, is done. If `isChange`, it is recorded. */
  onDone(client: Client, args: readonly string[], isChange: boolean): void {
    const recorded = this.#recorded ?? args;
    this.#recorded = undefined;
    if (isChange) this.#file?.append(client.database.index, recorded);
  }

  /** Sends a message to its subscribers, once all changes before it are written; returns how many get it. */
  publish(channel: string, message: string): number {
    if (!this.isHolding) return this.pubSub.publish(channel, message);
    this.whenWritten(() => void this.pubSub.publish(channel, message));
    return this.pubSub.subscriberCount(channel);
  }
}
