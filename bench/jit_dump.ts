/**
 * Parses perf's jitdump, the file in which an engine records the functions that
 * it has compiled, and their addresses.
 */

import { readFileSync } from "node:fs";

/** One compilation of a function. */
export interface CompiledFunction {
  readonly name: string;
  readonly start: bigint;
  readonly size: bigint;
}

/** The kind of record that describes compiled code. */
const CODE_LOAD = 0;

/** Size of the header of a record: its kind, its size, a timestamp. */
const RECORD_HEADER_SIZE = 16;

/** Size of what precedes the name in a record of code: two ids of 4 bytes, then four fields of 8. */
const NAME_OFFSET = RECORD_HEADER_SIZE + 2 * 4 + 4 * 8;

/** Returns what was compiled, oldest first. */
export function compiledCode(path: string): CompiledFunction[] {
  const file = readFileSync(path);
  const functions: CompiledFunction[] = [];
  const headerSize = file.readUInt32LE(8);
  for (let at = headerSize; at + RECORD_HEADER_SIZE <= file.length;) {
    const kind = file.readUInt32LE(at);
    const size = file.readUInt32LE(at + 4);
    if (size === 0) break;
    if (kind === CODE_LOAD) {
      const name = at + NAME_OFFSET;
      functions.push({
        start: file.readBigUInt64LE(name - 24),
        size: file.readBigUInt64LE(name - 16),
        name: file.toString("utf8", name, file.indexOf(0, name)),
      });
    }
    at += size;
  }
  return functions;
}
