import fs from "node:fs";
import path from "node:path";
import process from "node:process";
import { Batch } from "./batch.ts";
import { load } from "./load.ts";

/** When the system is made to write to the disk: before a reply goes out, once a second, or when it likes. Whichever it is, what was replied to survives the end of the process. */
export type SyncPolicy = "always" | "everysec" | "no";

/** Bytes of a batch: as many as a transaction may have, and what no batch should have. */
const MUCH = 64 * 1024 * 1024;
const TOO_MUCH = 4 * MUCH;

/** How a file is used. */
export interface AppendOnlyOptions {
  readonly policy: SyncPolicy;
  /** Calls back when all that has come in meanwhile is served. */
  readonly defer: (callback: () => void) => void;
  /** The file cannot be written: what is in memory is not what will be found. */
  readonly onFailure: (error: Error) => void;
  /** What was recorded is written. */
  readonly onWritten: () => void;
}

/** What was changed, in a file: so that it is there again after a crash. */
export class AppendOnlyFile {
  readonly #path: string;
  readonly #file: number;
  readonly #options: AppendOnlyOptions;
  /** Requests that are not written. */
  readonly #batch = new Batch();
  /** The database of the last one. */
  #database = -1;
  /** What is written, and may not be on the disk. */
  #isDirty = false;
  #isSyncing = false;
  #isClosed = false;

  /** Opens the file at `path`, makes it if there is none, and has what is in it executed. Throws as {@linkcode load}. */
  constructor(
    path: string,
    execute: (args: readonly string[]) => void,
    options: AppendOnlyOptions,
  ) {
    this.#path = path;
    this.#options = options;
    const isNew = !fs.existsSync(path);
    this.#file = fs.openSync(path, "a+");
    if (isNew) syncFolderOf(path);
    load(this.#file, path, execute);
  }

  /** Something is recorded that is not written: no reply may go out before it is. */
  get isPending(): boolean {
    return this.#batch.size > 0;
  }

  /** That is so much that what comes next should be in a batch of its own. */
  get isMuch(): boolean {
    return this.#batch.size > MUCH;
  }

  /** Records a request that was executed in a database. */
  append(database: number, args: readonly string[]): void {
    if (!this.isPending) this.#options.defer(() => this.commit());
    if (database !== this.#database) {
      this.#database = database;
      this.#batch.add(["SELECT", String(database)]);
    }
    this.#batch.add(args);
    if (this.#batch.size > TOO_MUCH) this.commit();
  }

  /** Writes what is recorded: all of a turn at once. */
  commit(): void {
    if (!this.isPending) return;
    const batch = this.#batch.take();
    try {
      for (let at = 0; at < batch.length;) {
        at += fs.writeSync(this.#file, batch, at);
      }
      if (this.#options.policy === "always") fs.fdatasyncSync(this.#file);
      else this.#isDirty = true;
    } catch (error) {
      return this.#options.onFailure(this.#failure("write", error));
    }
    this.#options.onWritten();
  }

  /** To be called once a second: has the system write to the disk, if that is the policy. */
  onSecond(): void {
    const isDue = this.#options.policy === "everysec" && this.#isDirty;
    if (!isDue || this.#isSyncing) return;
    this.#isDirty = false;
    this.#isSyncing = true;
    fs.fdatasync(this.#file, (error) => {
      this.#isSyncing = false;
      if (!error || this.#isClosed) return; // to close is to sync
      this.#options.onFailure(this.#failure("sync", error));
    });
  }

  /** Writes what is left, to the disk. */
  close(): void {
    this.commit();
    this.#isClosed = true;
    fs.fdatasyncSync(this.#file);
    fs.closeSync(this.#file);
  }

  #failure(action: string, cause: unknown): Error {
    const reason = cause instanceof Error ? cause.message : String(cause);
    return new Error(`Cannot ${action} ${this.#path}: ${reason}`, { cause });
  }
}

/** A new file is there after a power failure only if its folder is written. */
function syncFolderOf(file: string): void {
  if (process.platform === "win32") return;
  const folder = fs.openSync(path.dirname(file), "r");
  fs.fsyncSync(folder);
  fs.closeSync(folder);
}
