import assert from "node:assert/strict";
import { test } from "node:test";
import { isUntouched, ReadMemory } from "../../src/sim/read_memory.ts";

test("a change of any byte of memory that was taken is found, wherever it begins and however much of it is looked at", () => {
  const bytes = new Uint8Array(64);
  const events = { readBuffer: () => bytes } as never;
  new ReadMemory(true).take(events);
  for (let start = 0; start < 17; start++) {
    const memory = bytes.subarray(start);
    for (let count = 0; count < 40; count++) {
      assert.ok(isUntouched(memory, count));
      for (let i = 0; i <= count; i++) {
        memory[i] ^= 1;
        assert.equal(isUntouched(memory, count), i === count);
        memory[i] ^= 1;
      }
    }
  }
});
