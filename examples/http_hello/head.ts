// The head of a request: its first line and its fields. RFC 9112.
//
// Whatever two programs could read in two ways is refused: one of them may be a
// proxy that lets a request pass because it takes it for a body.

import { HttpError } from "./http_error.ts";

/** The head of a request. */
export interface Head {
  readonly method: string;
  readonly target: string;
  /** Values by name in lower case; several of one name are joined by commas. */
  readonly fields: ReadonlyMap<string, string>;
  /** The size of the body, or "chunked". */
  readonly bodySize: number | "chunked";
  /** The client waits for `100 Continue` before it sends the body. */
  readonly expectsContinue: boolean;
  /** The connection is closed after the response. */
  readonly isLast: boolean;
}

const REQUEST_LINE = /^([!#$%&'*+.^_`|~\w-]+) ([\x21-\x7e]+) HTTP\/(\d)\.(\d)$/;
const TOKEN = /^[!#$%&'*+.^_`|~\w-]+$/;
// deno-lint-ignore no-control-regex
const CONTROLS = /[\0-\x08\x0a-\x1f\x7f]/;
/** A name or an address, and maybe a port. No commas: a name could have them, but they may also join two hosts. */
const HOST = /^(?:\[[\da-f:.]+\]|[\w.~%!$&'()*+;=-]*)(?::\d*)?$/i;
const MAX_FIELDS = 100;

/** Fields that must not come more than once. */
const ONCE = ["host", "content-length", "transfer-encoding", "expect"];

/** Parses a head without the empty lines around it. Throws an {@linkcode HttpError}. */
export function readHead(text: string): Head {
  const lines = text.split("\r\n");
  const [, method, target, major, minor] = REQUEST_LINE.exec(lines[0]) ?? [];
  if (method === undefined) throw new HttpError(400, "it is no request line");
  if (major !== "1") throw new HttpError(505, `HTTP/${major}.${minor}`);
  const isOld = minor === "0";
  const fields = readFields(lines);
  checkHost(fields.get("host") ?? (isOld ? "" : undefined));
  const options = (fields.get("connection") ?? "").toLowerCase()
    .split(",").map((option) => trimmed(option, 0));
  const isKept = isOld && options.includes("keep-alive");
  return {
    method,
    target,
    fields,
    bodySize: bodySizeOf(fields, isOld),
    expectsContinue: !isOld && expects(fields.get("expect")),
    isLast: options.includes("close") || (isOld && !isKept),
  };
}

function readFields(lines: readonly string[]): Map<string, string> {
  if (lines.length - 1 > MAX_FIELDS) {
    throw new HttpError(431, `it has ${lines.length - 1} fields`);
  }
  const fields = new Map<string, string>();
  for (let i = 1; i < lines.length; i++) {
    const [name, value] = readField(lines[i]);
    const key = name.toLowerCase();
    const before = fields.get(key);
    if (before !== undefined && ONCE.includes(key)) {
      throw new HttpError(400, `it has several of ${name}`);
    }
    fields.set(key, before === undefined ? value : `${before}, ${value}`);
  }
  return fields;
}

/** The name and the value of the field in a line. Throws an {@linkcode HttpError}. */
export function readField(line: string): [name: string, value: string] {
  const colon = line.indexOf(":");
  const name = line.slice(0, colon);
  // No space before the colon, and none at the start, which would continue the last line.
  if (colon < 0 || !TOKEN.test(name) || CONTROLS.test(line)) {
    throw new HttpError(400, "it has a line that is no field");
  }
  return [name, trimmed(line, colon + 1)];
}

function checkHost(host: string | undefined): void {
  if (host === undefined) throw new HttpError(400, "it has no Host");
  if (!HOST.test(host)) throw new HttpError(400, "its Host is none");
}

/** What follows `start`, without spaces and tabs around it. `trim` would remove more, which other programs take for part of the value. */
function trimmed(line: string, start: number): string {
  let end = line.length;
  while (start < end && isSpace(line, start)) start++;
  while (start < end && isSpace(line, end - 1)) end--;
  return line.slice(start, end);
}

function isSpace(text: string, at: number): boolean {
  return text[at] === " " || text[at] === "\t";
}

function bodySizeOf(
  fields: ReadonlyMap<string, string>,
  isOld: boolean,
): number | "chunked" {
  const length = fields.get("content-length");
  const coding = fields.get("transfer-encoding");
  if (coding !== undefined) {
    if (length !== undefined || isOld) {
      throw new HttpError(400, "its body could end in two places");
    }
    if (coding.toLowerCase() === "chunked") return "chunked";
    throw new HttpError(501, "its body is in a coding that is not known");
  }
  if (length === undefined) return 0;
  if (/^\d{1,15}$/.test(length)) return Number(length);
  throw new HttpError(400, "its Content-Length is not a number");
}

function expects(value: string | undefined): boolean {
  if (value === undefined) return false;
  if (value.toLowerCase() === "100-continue") return true;
  throw new HttpError(417, "what it expects is not known");
}
