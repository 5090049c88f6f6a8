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

/** What is used of `node:fs`. */
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

/** Recordings hold secrets. */
const OWNER_ONLY = 0o600;

/**
 * Makes a recorder that records connections to files, as {@linkcode recordTo} does
 * to sinks. Each turn's events are written in the next turn, synchronously, so the
 * file can be read even after a crash.
 *
 * Existing files are never written to. If `path` is a string, only the first
 * connection is recorded. If a file cannot be written, a log line says so and the
 * connection goes on. Only the owner can read the files.
 *
 * @param path The path; or a function, called for each connection when it opens,
 * that returns the path, or undefined to record nothing.
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
    forget(file); // a promise fails below
    const { process } = globalThis as unknown as HostWithFiles;
    const files = process.getBuiltinModule("node:fs");
    files.closeSync(files.openSync(file, "wx", OWNER_ONLY));
    // Deno also applies the mode of an append to an existing file.
    const mode = OWNER_ONLY;
    return (bytes) => files.appendFileSync(file, bytes, { mode });
  }, options);
}
