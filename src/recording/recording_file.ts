/**
 * Recordings in files.
 *
 * @module
 */

import type { RecordedConnection, Recorder } from "../api/recorder.ts";
import { InvalidCallbackError } from "../api/errors.ts";
import { forget } from "../util/forget.ts";
import { textOf } from "../util/text.ts";
import { type RecordOptions, recordTo } from "./recorder.ts";

/** What is used of `node:fs`. */
interface Files {
  appendFileSync(
    path: string,
    bytes: Uint8Array,
    options: { readonly mode: number },
  ): void;
  closeSync(file: number): void;
  openSync(path: string, flags: "wx", mode: number): number;
}

interface Host {
  readonly process: { getBuiltinModule(name: "node:fs"): Files };
}

/** What was said is nobody else's to read. */
const OWNER_ONLY = 0o600;

/**
 * Records connections to files, as {@linkcode recordTo} does. What a turn has
 * brought is written in the next one, synchronously; so what a crash leaves can be
 * read.
 *
 * A file that exists is never written to: if `path` is a text, the first
 * connection is recorded, and no other. What cannot be written costs a line of
 * log, and no connection. Only their owner may read the files.
 *
 * @param path Where to; or a function that is called for each connection when it
 * opens, and returns undefined if that is not to be recorded.
 * @param options The bounds of each recording.
 * @returns The recorder.
 * @throws {InvalidCallbackError} If `path` is neither a text nor a function.
 * @throws {InvalidOptionError} If an option is out of range.
 *
 * @category Tools
 */
export function recordToFile(
  path: string | ((connection: RecordedConnection) => string | undefined),
  options: RecordOptions = {},
): Recorder {
  if (typeof path !== "string" && typeof path !== "function") {
    forget(path);
    throw new InvalidCallbackError(
      `Cannot record to ${textOf(path)}: it is neither a path nor a function`,
    );
  }
  let isTaken = false;
  const next = (connection: RecordedConnection) => {
    if (typeof path !== "string") return path(connection);
    if (isTaken) return undefined;
    isTaken = true;
    return path;
  };
  return recordTo((connection) => {
    const file = next(connection);
    if (file === undefined) return undefined;
    forget(file); // it opens no file if it is a promise
    const { process } = globalThis as unknown as Host;
    const files = process.getBuiltinModule("node:fs");
    files.closeSync(files.openSync(file, "wx", OWNER_ONLY));
    // Deno gives a file that is there the mode that an append has, too.
    const mode = OWNER_ONLY;
    return (bytes) => files.appendFileSync(file, bytes, { mode });
  }, options);
}
