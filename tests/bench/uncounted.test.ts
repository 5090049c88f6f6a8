import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, it } from "node:test";
import { COUNTING_FILES, uncounted } from "../../bench/uncounted.ts";

describe("what the bench leaves out of the library to see what counting costs", () => {
  for (const file of COUNTING_FILES) {
    it(`stands in ${file} as it says`, () => {
      const lines = (text: string) => text.split("\n");
      const counted = lines(readFileSync(file, "utf8"));
      const rest = lines(uncounted(file));
      assert.ok(rest.length < counted.length);
      assert.ok(rest.every((line) => counted.includes(line)));
    });
  }
});
