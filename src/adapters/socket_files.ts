/**
 * The files of Unix sockets.
 *
 * A socket is bound in a folder that is made for it and that nobody else may
 * enter, is given its permissions there, and is then linked to its path. So it is
 * never to be seen with other permissions, and nobody's path is taken: a link
 * fails where there is something. It also keeps the runtimes, each of which
 * removes what it has bound when it closes, whoever made it, from the path.
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

/** What is used of a file's description. */
interface Stats {
  readonly dev: bigint;
  readonly ino: bigint;
  readonly birthtimeNs: bigint;
  isSocket(): boolean;
}

/** What is used of `node:fs`. */
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

/** Who does not answer in this time, milliseconds, is busy, but there. */
const PROBE_MS = 1000;

/** Where Linux has all Unix sockets. */
const TABLE = "/proc/net/unix";

/** So often is a path tried whose file changes in the meantime. */
const ATTEMPTS = 3;

/** What a connect to a socket fails with that nobody has open any more. */
const NOBODY = ["ECONNREFUSED", "ENOENT"];
/** What it fails with if somebody has it open: the backlog is full, or it is a socket of datagrams. */
const SOMEBODY = ["EAGAIN", "EPROTOTYPE"];

/**
 * Listens at `address`, which is a file, by `bind`, which listens at a path.
 * Rejects with a {@linkcode SocketFailure}.
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

/** The failure of a listen at a file, by `error`. */
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

/** Where to bind in `folder` what is to be at `path`: by the same name, which who looks for it finds, if there is room for it. */
function pathIn(folder: string, path: string): string {
  const name = path.slice(path.lastIndexOf("/"));
  for (const at of [folder + name, `${folder}/s`]) {
    if (encoder.encode(at).length <= MAX_UNIX_PATH) return at;
  }
  throw new SocketFailure(
    "other",
    new RangeError(
      `the folder leaves no room: its path may have ${
        MAX_UNIX_PATH - "/.123456/s".length
      } bytes at most`,
    ),
  );
}

/** Links the socket at `from` to `path`, from where a socket is removed that nobody has open. */
async function publish(from: string, path: string): Promise<void> {
  for (let i = 0; i < ATTEMPTS; i++) {
    if (link(from, path)) return;
    const found = statsOf(path);
    if (found === undefined) continue;
    if (!found.isSocket()) throw inUse("there is a file that is not a socket");
    if (await isOpen(path)) throw inUse("another process listens there");
    if (isSame(found, statsOf(path))) files().unlinkSync(path);
  }
  throw inUse("others try to listen there as well");
}

/** False if there is something at `to`. */
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

function isSame(one: Stats, other: Stats | undefined): boolean {
  return one.ino === other?.ino && one.dev === other.dev &&
    one.birthtimeNs === other.birthtimeNs;
}

/** True if somebody has the socket at `path` open. Rejects with what keeps us from finding out. */
function isOpen(path: string): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const probe = loadNet().connect({ path, allowHalfOpen: true });
    const end = (): void => {
      hostClock.clearTimer(timer);
      attempt(() => probe.destroy());
    };
    const timer = hostClock.setTimer(() => {
      end();
      resolve(true);
    }, PROBE_MS);
    probe.on("connect", () => {
      end();
      resolve(true);
    });
    probe.on("error", (error) => {
      end();
      const { code = "" } = error as { readonly code?: string };
      if (NOBODY.includes(code)) resolve(isListed(path));
      else if (SOMEBODY.includes(code)) resolve(true);
      else reject(error);
    });
  });
}

/** True if somebody has the socket at `path` open though a connect was refused: it is bound and does not listen yet, or on Bun its queue is full, or it is no socket of a stream. Only Linux tells. */
function isListed(path: string): boolean {
  if (!mayRead(TABLE)) return false;
  const folder = path.slice(0, path.lastIndexOf("/") + 1);
  let isThere = false;
  attempt(() => {
    const bound = ownedPaths(files().readFileSync(TABLE, "utf8"));
    isThere = bound.some((one) => {
      if (one === path) return true;
      if (!one.startsWith(`${folder}.`)) return false;
      // Bound as is done here, and linked to its path if the folder is gone.
      const own = one.slice(0, one.indexOf("/", folder.length));
      return statsOf(own) === undefined && one === pathIn(own, path);
    });
  });
  return isThere;
}

/** Deno would ask whoever sits there, who knows of no such file. */
function mayRead(path: string): boolean {
  if (!("Deno" in globalThis)) return true;
  const { permissions } = denoHost.Deno;
  return permissions.querySync({ name: "read", path }).state === "granted";
}

function inUse(reason: string): SocketFailure {
  return new SocketFailure("in-use", new Error(reason));
}

/** A listener at a file, which it removes. */
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

  /** Another file may be there by now, which stays. While ours is open, its number is nobody else's. */
  close(): Promise<void> {
    const { path } = this.address;
    attempt(() => {
      const isOurs = this.#stats && isSame(this.#stats, statsOf(path));
      if (isOurs) files().unlinkSync(path);
    });
    return this.#listener.close();
  }
}
