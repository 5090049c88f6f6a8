import { lines, type PayloadCodec } from "../../mod.ts";

/** Characters that somebody may say at once. */
export const MAX_TEXT = 500;

/** Lines that have room for that in UTF-8, behind a name. */
export const chatLines: PayloadCodec<string> = lines({ max: 2048 });

/** `text` without what would be an order to somebody's terminal. */
export function plainText(text: string): string {
  // deno-lint-ignore no-control-regex
  return text.replace(/[\u0000-\u001f\u007f-\u009f\u2028-\u202e]/g, "").trim();
}
