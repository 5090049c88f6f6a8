import type { AppendOnlyFile } from "./append_only/append_only_file.ts";
import { snapshotOf } from "./append_only/snapshot.ts";
import { Client, type ClientConnection } from "./client.ts";
import { Database, type DatabaseEvents } from "./database.ts";
import { PubSub } from "./pub_sub.ts";
import { Watches } from "./watches.ts";

const DATABASES = 16;

/** What a server knows: its databases, its clients, and what they have said. */
export class Redis implements DatabaseEvents {
  readonly databases: readonly Database[] = Array.from(
    { length: DATABASES },
    (_, index) => new Database(index, this),
  );
  readonly clients = new Map<number, Client>();
  readonly pubSub = new PubSub();
  readonly watches = new Watches();
  /** What the settings are called, and what they are. */
  readonly settings: Readonly<Record<string, string>>;
  commandCount = 0;
  /** How many clients have come so far. */
  clientCount = 0;
  expiredCount = 0;
  /** How often something was changed. */
  changeCount = 0;
  /** What the command under way has recorded instead of itself. */
  #recorded: readonly string[] | undefined = undefined;
  readonly #clock: () => number;
  readonly startedAt: number;
  #file: AppendOnlyFile | undefined = undefined;
  /** What waits for the file, in order. */
  #held: (() => void)[] = [];
  #isLoading = false;

  /** `clock` tells milliseconds since 1970. */
  constructor(clock: () => number, settings: Readonly<Record<string, string>>) {
    this.#clock = clock;
    this.settings = settings;
    this.startedAt = clock();
  }

  /** Milliseconds since 1970; while a file is read long ago, since what was deleted then is in it, too. */
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

  /** `open` opens the file that changes are recorded in, and has what is there executed. */
  useFile(open: () => AppendOnlyFile): void {
    this.#isLoading = true;
    this.#file = open();
    this.#isLoading = false;
  }

  /** Somebody has connected. */
  join(connection: ClientConnection): Client {
    const client = new Client(
      ++this.clientCount,
      this.databases[0],
      connection,
    );
    this.clients.set(client.id, client);
    return client;
  }

  /** And is gone. */
  leave(client: Client): void {
    this.clients.delete(client.id);
    this.pubSub.leaveAll(client);
    this.watches.clear(client);
  }

  /** Does `action` when everything that was changed so far is written: what was replied is kept. */
  whenWritten(action: () => void): void {
    if (this.isHolding) this.#held.push(action);
    else action();
  }

  /** Replies have to wait. */
  get isHolding(): boolean {
    return this.#file !== undefined && this.#file.isPending;
  }

  /** What was changed is written. */
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

  /** Has the file hold what there is, and no more how it came about; false if there is none. Nobody is served meanwhile. */
  rewriteFile(): boolean {
    this.#file?.rewrite(snapshotOf(this.databases));
    return this.#file !== undefined;
  }

  /** Writes what was changed, without waiting for others to change more. */
  commit(): void {
    this.#file?.commit();
  }

  /** The same if that is much already. */
  commitIfMuch(): void {
    if (this.#file?.isMuch) this.#file.commit();
  }

  /** Writes what is left. */
  close(): void {
    this.#file?.close();
  }

  /** For the command under way: `args` are recorded instead of what was asked for, which would mean something else later. */
  record(args: readonly string[]): void {
    this.#recorded = args;
  }

  /** The command under way, asked for by `args`, is done; `isChange` if there is anything to record. */
  onDone(client: Client, args: readonly string[], isChange: boolean): void {
    const recorded = this.#recorded ?? args;
    this.#recorded = undefined;
    if (isChange) this.#file?.append(client.database.index, recorded);
  }

  /** Sends a message to who listens, once what was changed before is written; returns to how many. */
  publish(channel: string, message: string): number {
    if (!this.isHolding) return this.pubSub.publish(channel, message);
    this.whenWritten(() => void this.pubSub.publish(channel, message));
    return this.pubSub.subscriberCount(channel);
  }
}
