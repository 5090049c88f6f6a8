/**
 * Listens on Unix sockets with a file.
 *
 * A socket is bound in a new folder that only this user may enter, gets its
 * permissions there, and is then hard-linked to its path. So it never exists
 * with other permissions, and no existing file is replaced: a link fails if
 * there is one. Besides, each runtime removes the path it has bound when it
 * closes, even if another process has replaced the file; this way it removes
 * only the one in the folder.
 *
 * @module
 */

import type { UnixAddress } from "../contract/address.ts";
import { SocketFailure } from "../contract/failure.ts";
import type { Listener } from "../contract/listener.ts";
import { MAX_UNIX_PATH } from "../util/unix_paths.ts";
import { encoder } from "../util/utf8.ts";
import { denoHost } from "./deno_host.ts";
import { failureOf } from "./failure_kinds.ts";
import { attempt } from "./host_calls.ts";
import { hostClock } from "./host_clock.ts";
import { hostModule } from "./host_modules.ts";
import { loadNet } from "./node_net.ts";
import { ownedPaths } from "./unix_table.ts";
import { UNIX_LINK_ATTEMPTS } from "../tuning.ts";

/** The part of the result of `lstat` that is used. */
interface Stats {
  readonly dev: bigint;
  readonly ino: bigint;
  readonly birthtimeNs: bigint;
  isSocket(): boolean;
}

/** The part of `node:fs` that is used. */
interface Files {
  chmodSync(path: string, mode: number): void;
  linkSync(from: string, to: string): void;
  lstatSync(
    path: string,
    options: { readonly bigint: true; readonly throwIfNoEntry: false },
  ): Stats | undefined;
  mkdtempSync(prefix: string): string;
  readFileSync(path: string, encoding: "utf8"): string;
  rmdirSync(path: string): void;
  unlinkSync(path: string): void;
}

let loaded: Files | undefined;
function files(): Files {
  return loaded ??= hostModule("node:fs");
}

/**
 * Milliseconds to wait for a connect that probes a socket. If there is no
 * answer by then, the owner is busy, but alive.
 */
const PROBE_MS = 1000;

/** Linux lists all Unix sockets here. */
const TABLE = "/proc/net/unix";

/** Codes of a connect to a socket that no process has open. */
const UNUSED_CODES = ["ECONNREFUSED", "ENOENT"];
/**
 * Codes of a connect to a socket that is open: its backlog is full, or it is a
 * datagram socket.
 */
const USED_CODES = ["EAGAIN", "EPROTOTYPE"];

/**
 * Listens at `address`, which is a file. `bind` listens at the path it is
 * given. Rejects with a {@linkcode SocketFailure}.
 */
export async function listenAtFile(
  address: UnixAddress,
  mode: number | undefined,
  bind: (path: string) => Promise<Listener> | Listener,
): Promise<Listener> {
  const { path } = address;
  const { chmodSync, mkdtempSync, rmdirSync, unlinkSync } = files();
  let folder: string | undefined;
  let bound: { readonly path: string; readonly listener: Listener } | undefined;
  try {
    folder = mkdtempSync(path.slice(0, path.lastIndexOf("/") + 1) + ".");
    const at = pathIn(folder, path);
    bound = { path: at, listener: await bind(at) };
    if (mode !== undefined) chmodSync(at, mode);
    await publish(at, path);
    return new FileListener(address, bound.listener);
  } catch (error) {
    attempt(() => bound?.listener.close());
    throw failureAtFile(error);
  } finally {
    attempt(() => bound && unlinkSync(bound.path));
    attempt(() => folder && rmdirSync(folder));
  }
}

/** Translates an error of `listenAtFile`. */
function failureAtFile(error: unknown): SocketFailure {
  const failure = error instanceof SocketFailure ? error : failureOf(error);
  const { code } = failure.cause as { readonly code?: string };
  if (code === "ENOENT" || code === "ENOTDIR") {
    return new SocketFailure("not-available", failure.cause);
  }
  return code === "EROFS"
    ? new SocketFailure("denied", failure.cause)
    : failure;
}

/**
 * The path in `folder` at which to bind the socket for `path`: under the same
 * name if that fits, so that `isListed` recognizes it.
 */
function pathIn(folder: string, path: string): string {
  const name = path.slice(path.lastIndexOf("/"));
  for (const at of [folder + name, `${folder}/s`]) {
    if (encoder.encode(at).length <= MAX_UNIX_PATH) return at;
  }
  throw new SocketFailure(
    "other",
    new RangeError(
      `the path of its folder is too long: it may have at most ${
        MAX_UNIX_PATH - "/.123456/s".length
      } bytes`,
    ),
  );
}

/**
 * Links the socket at `from` to `path`, after removing a socket there that no
 * process has open.
 */
async function publish(from: string, path: string): Promise<void> {
  for (let i = 0; i < UNIX_LINK_ATTEMPTS; i++) {
    if (link(from, path)) return;
    const found = statsOf(path);
    if (found === undefined) continue;
    if (!found.isSocket()) throw inUse("there is a file that is not a socket");
    if (await isOpen(path)) throw inUse("another process listens there");
    if (isSameFile(found, statsOf(path))) files().unlinkSync(path);
  }
  throw inUse("other processes are trying to listen there as well");
}

/** Returns false if `to` exists. */
function link(from: string, to: string): boolean {
  try {
    files().linkSync(from, to);
    return true;
  } catch (error) {
    if ((error as { readonly code?: string }).code === "EEXIST") return false;
    throw error;
  }
}

function statsOf(path: string): Stats | undefined {
  return files().lstatSync(path, { bigint: true, throwIfNoEntry: false });
}

function isSameFile(one: Stats, other: Stats | undefined): boolean {
  return one.ino === other?.ino && one.dev === other.dev &&
    one.birthtimeNs === other.birthtimeNs;
}

/**
 * True if some process has the socket at `path` open. Rejects if that cannot be
 * determined.
 */
function isOpen(path: string): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const probe = loadNet().connect({ path, allowHalfOpen: true });
    const end = (): void => {
      hostClock.clearTimer(timer);
      attempt(() => probe.destroy());
    };
    const giveUp = (): void => {
      end();
      resolve(true);
    };
    // In a process that stood still, an answer may be there when the time is
    // over: it is seen before the next timer.
    let timer = hostClock.setTimer(() => {
      timer = hostClock.setTimer(giveUp, 1);
    }, PROBE_MS);
    probe.on("connect", () => {
      end();
      resolve(true);
    });
    probe.on("error", (error) => {
      end();
      const { code = "" } = error as { readonly code?: string };
      if (UNUSED_CODES.includes(code)) resolve(isListed(path));
      else if (USED_CODES.includes(code)) resolve(true);
      else reject(error);
    });
  });
}

/**
 * True if some process has the socket at `path` open although a connect was
 * refused: it is bound but not listening yet, it is not a stream socket, or, on
 * Bun, its backlog is full. Works on Linux only.
 */
function isListed(path: string): boolean {
  if (!mayRead(TABLE)) return false;
  const folder = path.slice(0, path.lastIndexOf("/") + 1);
  let isThere = false;
  attempt(() => {
    const bound = ownedPaths(files().readFileSync(TABLE, "utf8"));
    isThere = bound.some((one) => {
      if (one === path) return true;
      if (!one.startsWith(`${folder}.`)) return false;
      // Bound by this module, and linked to its path if the folder is gone.
      const own = one.slice(0, one.indexOf("/", folder.length));
      return statsOf(own) === undefined && one === pathIn(own, path);
    });
  });
  return isThere;
}

/** Deno would prompt the user, to whom this file means nothing. */
function mayRead(path: string): boolean {
  if (!("Deno" in globalThis)) return true;
  const { permissions } = denoHost.Deno;
  return permissions.querySync({ name: "read", path }).state === "granted";
}

function inUse(reason: string): SocketFailure {
  return new SocketFailure("in-use", new Error(reason));
}

/** A listener that removes its file when it closes. */
class FileListener implements Listener {
  readonly address: UnixAddress;
  readonly #listener: Listener;
  readonly #stats: Stats | undefined;

  constructor(address: UnixAddress, listener: Listener) {
    this.address = address;
    this.#listener = listener;
    this.#stats = statsOf(address.path);
  }

  resume(): void {
    this.#listener.resume();
  }

  /**
   * Another file may be at the path by now; it stays. The inode number of our
   * file is not reused while the socket is open.
   */
  close(): Promise<void> {
    const { path } = this.address;
    attempt(() => {
      const isOurs = this.#stats && isSameFile(this.#stats, statsOf(path));
      if (isOurs) files().unlinkSync(path);
    });
    return this.#listener.close();
  }
}
