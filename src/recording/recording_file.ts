/**
 * Recording to files.
 *
 * @module
 */

import type { RecordedConnection, Recorder } from "../api/recorder.ts";
import { InvalidCallbackError } from "../api/errors.ts";
import { forget } from "../util/forget.ts";
import { textOf } from "../util/text.ts";
import { type RecordOptions, recordTo } from "./recorder.ts";

/** The members of `node:fs` that are used here. */
interface RecordingFiles {
  appendFileSync(
    path: string,
    bytes: Uint8Array,
    options: { readonly mode: number },
  ): void;
  closeSync(file: number): void;
  openSync(path: string, flags: "wx", mode: number): number;
}

interface HostWithFiles {
  readonly process: { getBuiltinModule(name: "node:fs"): RecordingFiles };
}

/** Recordings contain secrets. */
const OWNER_ONLY = 0o600;

/**
 * Creates a recorder that writes each connection to a file, as
 * {@linkcode recordTo} does to a sink. The events of a turn are written
 * synchronously in the next turn, so that they survive a crash of the process.
 *
 * Existing files are never overwritten. If `path` is a string, only the first
 * connection is recorded. If a file cannot be written, a log line says so and
 * the connection goes on. Files are readable by their owner only.
 *
 * @param path The path; or a function, called for each connection when it
 *   opens, that returns the path, or undefined to record nothing.
 * @param options The limits of each recording.
 * @returns The recorder.
 * @throws {InvalidCallbackError} If `path` is neither a string nor a function.
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
    forget(file); // if it is a promise, `openSync` throws below
    const { process } = globalThis as unknown as HostWithFiles;
    const files = process.getBuiltinModule("node:fs");
    files.closeSync(files.openSync(file, "wx", OWNER_ONLY));
    // Deno also applies the mode when it appends to an existing file.
    const mode = OWNER_ONLY;
    return (bytes) => files.appendFileSync(file, bytes, { mode });
  }, options);
}
