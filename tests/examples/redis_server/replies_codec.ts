import type { Codec } from "../../../mod.ts";
import { textOf } from "../../../examples/redis_server/bytes.ts";
import { requests } from "../../../examples/redis_server/requests.ts";

/** The other end: sends requests, and gets replies as the texts that they are. */
export const replies: Codec<string, readonly string[]> = {
  maxFrameSize: 2 ** 20,
  frameSize: (bytes, start, end) => endOf(textOf(bytes, start, end), 0),
  decode: textOf,
  encode: requests.encode,
};

/** Where the reply that begins at `start` ends; 0 if it is not whole. */
function endOf(text: string, start: number): number {
  const line = text.indexOf("\r\n", start);
  if (line < 0) return 0;
  const kind = text[start];
  const count = Number(text.slice(start + 1, line));
  let end = line + 2;
  if (kind === "$" || kind === "=") {
    if (count >= 0) end += count + 2;
    return end <= text.length ? end : 0;
  }
  const parts = "*~>".includes(kind) ? count : kind === "%" ? 2 * count : 0;
  for (let i = 0; i < parts; i++) {
    end = endOf(text, end);
    if (end === 0) return 0;
  }
  return end;
}
