/**
 * Kinds of paths of Unix sockets.
 *
 * @module
 */

/**
 * What the path of a `UnixAddress` names: a file; an abstract name of Linux,
 * `@name`; or a named pipe of Windows, `\\.\pipe\name`.
 *
 * @category Adapters
 */
export type UnixPathKind = "file" | "abstract" | "pipe";

/** The most bytes in the path of a Unix socket on Linux. */
export const MAX_UNIX_PATH = 107;

const PIPE = /^\\\\[.?]\\pipe\\./i;

/** The kind of `path`. */
export function unixPathKind(path: string): UnixPathKind {
  if (path.startsWith("@")) return "abstract";
  return PIPE.test(path) ? "pipe" : "file";
}
