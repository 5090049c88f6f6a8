import fs from "node:fs";
import path from "node:path";
import process from "node:process";
import { WriteBatch } from "./write_batch.ts";
import { load } from "./load.ts";
import type { Recorded } from "./snapshot.ts";

/** When the system has to write to the disk: before a reply goes out, once a second, or when it likes. In each case, acknowledged changes survive the end of the process. */
export type SyncPolicy = "always" | "everysec" | "no";

/** Bytes of a batch: as many as a transaction may have, and what no batch should have. */
const LARGE_BATCH_SIZE = 64 * 1024 * 1024;
const MAX_BATCH_SIZE = 4 * LARGE_BATCH_SIZE;
const REWRITE_BATCH_SIZE = 1024 * 1024;
/** A smaller file is not rewritten by itself. The size is that of Redis. */
const MIN_REWRITE_SIZE = 64 * 1024 * 1024;

/** How a file is used. */
export interface AppendOnlyOptions {
  readonly policy: SyncPolicy;
  /** Calls back when everything that came in in this turn is served. */
  readonly defer: (callback: () => void) => void;
  /** The file cannot be written, so it no longer holds what is in memory. */
  readonly onFailure: (error: Error) => void;
  /** Everything recorded is written. */
  readonly onWritten: () => void;
}

/** Saves changes to a file, so that they survive a crash. */
export class AppendOnlyFile {
  readonly #path: string;
  #file: number;
  /** The size of the file, and the size that it had when it was rewritten or opened. */
  #size: number;
  #firstSize: number;
  readonly #options: AppendOnlyOptions;
  /** Requests that are not written yet. */
  readonly #batch = new WriteBatch();
  /** The database of the last one. */
  #database = -1;
  /** Something was written that may not be on the disk yet. */
  #isDirty = false;
  #isSyncing = false;
  #isClosed = false;

  /** Opens the file at `path`, or creates it, and executes what it holds. Throws as {@linkcode load} does. */
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
    this.#size = this.#firstSize = fs.fstatSync(this.#file).size;
  }

  /** Something is recorded and not written yet; no reply may go out before it is. */
  get isPending(): boolean {
    return this.#batch.size > 0;
  }

  /** So much is recorded that what comes next should be in a batch of its own. */
  get isMuch(): boolean {
    return this.#batch.size > LARGE_BATCH_SIZE;
  }

  /** Records a request that was executed in a database. */
  append(database: number, args: readonly string[]): void {
    if (!this.isPending) this.#options.defer(() => this.commit());
    if (database !== this.#database) {
      this.#database = database;
      this.#batch.add(["SELECT", String(database)]);
    }
    this.#batch.add(args);
    if (this.#batch.size > MAX_BATCH_SIZE) this.commit();
  }

  /** Writes everything recorded, all of a turn at once. */
  commit(): void {
    if (!this.isPending) return;
    try {
      this.#size += writeTo(this.#file, this.#batch);
      if (this.#options.policy === "always") fs.fdatasyncSync(this.#file);
      else this.#isDirty = true;
    } catch (error) {
      return this.#options.onFailure(this.#failure("write", error));
    }
    this.#options.onWritten();
  }

  /** True if it has grown so much that it should be rewritten. */
  get isLong(): boolean {
    return this.#size >= Math.max(MIN_REWRITE_SIZE, 2 * this.#firstSize);
  }

  /** Replaces its contents by `requests`, which have the same effect. If the process is killed meanwhile, the old file is still there. */
  rewrite(requests: Iterable<Recorded>): void {
    this.commit();
    const path = `${this.#path}.new`;
    const old = this.#file;
    let file: number | undefined;
    let size = 0;
    try {
      file = fs.openSync(path, "w");
      size = writeAll(file, requests);
      fs.fdatasyncSync(file);
      fs.renameSync(path, this.#path);
    } catch (error) {
      this.#firstSize = this.#size; // not again at once
      if (file !== undefined) {
        fs.closeSync(file);
        fs.rmSync(path);
      }
      throw this.#failure("rewrite", error);
    }
    this.#file = file;
    this.#size = this.#firstSize = size;
    this.#database = -1;
    fs.closeSync(old);
    syncFolderOf(path);
  }

  /** To be called once a second: writes to the disk, if that is the policy. */
  onSecond(): void {
    const isDue = this.#options.policy === "everysec" && this.#isDirty;
    if (!isDue || this.#isSyncing) return;
    this.#isDirty = false;
    this.#isSyncing = true;
    const file = this.#file;
    fs.fdatasync(file, (error) => {
      this.#isSyncing = false;
      // Closing and rewriting sync as well.
      if (!error || this.#isClosed || file !== this.#file) return;
      this.#options.onFailure(this.#failure("sync", error));
    });
  }

  /** Writes what is left to the disk, and closes the file. */
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

/** Writes a batch and empties it; returns how many bytes it had. */
function writeTo(file: number, batch: WriteBatch): number {
  const bytes = batch.take();
  for (let at = 0; at < bytes.length;) at += fs.writeSync(file, bytes, at);
  return bytes.length;
}

/** The same with requests, in batches of a handy size. */
function writeAll(file: number, requests: Iterable<Recorded>): number {
  const batch = new WriteBatch();
  let size = 0;
  let last = -1;
  for (const [database, args] of requests) {
    if (database !== last) batch.add(["SELECT", String(database)]);
    last = database;
    batch.add(args);
    if (batch.size > REWRITE_BATCH_SIZE) size += writeTo(file, batch);
  }
  return batch.size > 0 ? size + writeTo(file, batch) : size;
}

/** A new file survives a power failure only if its folder is synced. */
function syncFolderOf(file: string): void {
  if (process.platform === "win32") return;
  const folder = fs.openSync(path.dirname(file), "r");
  fs.fsyncSync(folder);
  fs.closeSync(folder);
}
