import fs from "node:fs";
import { logWarn } from "../../../mod.ts";
import { requests } from "../requests.ts";
import { checksumOf, MAX_HEADER_SIZE, readHeader } from "./write_batch.ts";
import { FileReader } from "./file_reader.ts";

/** A file does not hold what was written to it. */
export class DamagedFileError extends Error {
  override readonly name = "DamagedFileError";

  constructor(path: string, offset: number) {
    super(
      `Cannot use ${path}: it is damaged at byte ${offset}. Take a copy that is whole; or give up what is from there on, by: truncate --size=${offset} ${path}`,
    );
  }
}

/**
 * Has every request of `file` executed. If its last batch was not written to its
 * end, which nobody was answered, cuts that and says so. Throws {@linkcode
 * DamagedFileError} if something else is wrong with it.
 */
export function load(
  file: number,
  path: string,
  execute: (args: readonly string[]) => void,
): void {
  const reader = new FileReader(file);
  for (;;) {
    const start = reader.peek(MAX_HEADER_SIZE);
    if (start.length === 0) return;
    const header = readHeader(start);
    if (header === "damaged") throw new DamagedFileError(path, reader.offset);
    if (header === "cut") return cut(file, path, reader);
    const { headerSize, size, checksum } = header;
    const body = reader.peek(headerSize + size).subarray(headerSize);
    if (body.length < size) return cut(file, path, reader);
    if (checksumOf(body) !== checksum) {
      throw new DamagedFileError(path, reader.offset);
    }
    executeAll(body, execute);
    reader.skip(headerSize + size);
  }
}

function executeAll(
  body: Uint8Array,
  execute: (args: readonly string[]) => void,
): void {
  for (let at = 0; at < body.length;) {
    const end = at + requests.frameSize(body, at, body.length, at);
    execute(requests.decode(body, at, end));
    at = end;
  }
}

function cut(file: number, path: string, { offset }: FileReader): void {
  const size = fs.fstatSync(file).size;
  fs.ftruncateSync(file, offset);
  fs.fsyncSync(file);
  logWarn(
    `${path}: cut the last ${
      size - offset
    } bytes, which were not written to their end; nobody was told that they are stored`,
  );
}
