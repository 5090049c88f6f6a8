import assert from "node:assert/strict";
import { test } from "node:test";
import { exists, read, root } from "./project.ts";

const { PLAYERS } = await import(
  new URL("scripts/test_shards.mjs", root).href
) as { PLAYERS: Record<string, string | string[]> };

/** What is the same on every runtime. */
const NEUTRAL = /^node:(?:assert\/strict|buffer|path|process|test)$/;

/** What a test reaches a runtime by: its adapters, threads, and programs. */
const REACHES =
  /\b(?:hostAdapter|(?:bun|deno|node)Adapter|ThreadedReactorMgr|realEnvironment|ExampleProcess)\b|new ReactRuntime(?:<\w+>)?\((?:\)|{(?!\s*(?:[^}]*\W)?adapter\b))/;

test("what not all runtimes play touches nothing of a runtime", () => {
  const files = Object.keys(PLAYERS);
  assert.ok(files.length > 10);
  for (const file of files) {
    assert.ok(exists(file), file);
    const code = read(file);
    for (const [, name] of code.matchAll(/ from "(node:[^"]+)"/g)) {
      assert.match(name, NEUTRAL, file);
    }
    assert.equal(REACHES.exec(code)?.[0], undefined, file);
  }
});

test("who plays for all is a runtime that there is", () => {
  for (const players of Object.values(PLAYERS)) {
    for (const player of [players].flat()) {
      assert.match(player, /^(?:bun|deno|node)$/);
    }
  }
});
