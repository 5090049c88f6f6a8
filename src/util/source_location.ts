import { oneLine } from "./one_line.ts";
import { read } from "./text.ts";
import { LONGEST_SEARCHED_STACK } from "../tuning.ts";

const FRAME = /^\s*at (?:async )?(.*:\d+:\d+\)?)$/;

/** The locations of frames that are not in a file. */
const INTERNAL = /^(?:node|ext|bun|internal|native|unknown):|^[<\d]/;

const LOCATION = /^at .+:\d+:\d+$/;

/** Where the sources of the library are, as stacks name them; empty if it is bundled with others. */
const library = folderOf(new Error());

/**
 * Where in the program `error` comes from: `at file:line:column` of the frames of
 * its stack that are not the library's, the innermost first.
 */
export function locationsOf(error: unknown): string[] {
  return framesOf(error)
    .filter((frame) =>
      !(library !== "" && frame.startsWith(library)) && !INTERNAL.test(frame)
    )
    .map((frame) => `at ${oneLine(frame)}`);
}

/** The innermost location in the program that `error` comes from; undefined if there is none. */
export function locationOf(error: unknown): string | undefined {
  return locationsOf(error)[0];
}

/** True if `text` is what {@linkcode locationOf} returns. */
export function isLocation(text: unknown): boolean {
  return typeof text === "string" && LOCATION.test(text);
}

function folderOf(error: Error): string {
  const [first = ""] = framesOf(error);
  return /^(.*[\\/])util[\\/]source_location\.[jt]s:\d+:\d+$/.exec(first)
    ?.[1] ?? "";
}

/** The locations in the stack of `error`, the innermost first. */
function framesOf(error: unknown): string[] {
  const stack = read(error, "stack");
  if (typeof stack !== "string") return [];
  // A line of the message is not a frame, even if it looks like one.
  const message = read(error, "message");
  const start = typeof message === "string"
    ? Math.max(0, stack.indexOf(message)) + message.length
    : 0;
  return stack.slice(start, start + LONGEST_SEARCHED_STACK).split("\n").flatMap(
    (line) => {
      const [, frame] = FRAME.exec(line) ?? [];
      return frame === undefined ? [] : withoutName(frame);
    },
  );
}

/** The location in a frame: in parentheses if it has a name. */
function withoutName(frame: string): string {
  return frame.endsWith(")") ? frame.slice(frame.indexOf(" (") + 2, -1) : frame;
}
