import assert from "node:assert/strict";
import { test } from "node:test";
import {
  State,
  stateAfter,
  type Transition,
} from "../../src/core/connection_state.ts";
import { quoted, read } from "./project.ts";

const TRANSITIONS: readonly Transition[] = [
  "end",
  "peerEnd",
  "finSent",
  "close",
  "abort",
  "gone",
  "reported",
];

/** The transitions that the table of the comment tells, by state. */
function documented(): Record<string, string> {
  const rows = Array.from(
    read("src/core/connection_state.ts").matchAll(/^ \* \| (`\w+`.*) \|$/gm),
    ([, row]) => row.split("|").map((cell) => cell.trim()),
  );
  return Object.fromEntries(
    rows.map(([state, , , told]) => [quoted(state)[0], told]),
  );
}

/** Those that the code allows, in the words of the table. */
function allowed(state: State): string {
  const names = Object.entries(State);
  const told = TRANSITIONS.flatMap((transition) => {
    try {
      const next = stateAfter(state, transition);
      return `${transition}: ${names.find(([, one]) => one === next)?.[0]}`;
    } catch {
      return [];
    }
  });
  return told.join(", ") || "none";
}

test("the table of the states of a connection is what the code does, and nothing else is allowed", () => {
  assert.deepEqual(
    documented(),
    Object.fromEntries(
      Object.entries(State).map(([name, state]) => [name, allowed(state)]),
    ),
  );
});
