import { lines, type PayloadCodec } from "../../mod.ts";

/** How many characters a line of a guest may have. */
export const MAX_TEXT = 500;

/** Lines with room for that in UTF-8, after a name. */
export const chatLines: PayloadCodec<string> = lines({ max: 2048 });

/** `text` without control characters, which could be commands to the terminal of another guest. */
export function plainText(text: string): string {
  // deno-lint-ignore no-control-regex
  return text.replace(/[\u0000-\u001f\u007f-\u009f\u2028-\u202e]/g, "").trim();
}
