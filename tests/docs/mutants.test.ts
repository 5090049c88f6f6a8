import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { exists, list, read, root } from "./project.ts";

/** A planted bug, as far as it says where it is. */
interface Mutant {
  readonly name: string;
  readonly file: string;
  readonly old: string;
  readonly new: string;
  readonly suites: readonly { readonly file: string }[];
}

for (const path of list("scripts/mutants/", ".mjs")) {
  const exported = Object.values(await import(new URL(path, root).href));
  const mutants = exported.filter(Array.isArray).flat() as Mutant[];
  if (mutants.length === 0) continue;
  describe(`the bugs that ${path} plants`, () => {
    it("are each in one place of a source, and are looked for by tests that there are", () => {
      const misplaced = mutants.filter((mutant) =>
        mutant.old === mutant.new || !exists(mutant.file) ||
        read(mutant.file).split(mutant.old).length !== 2 ||
        !mutant.suites.every(({ file }) => exists(file))
      );
      assert.deepEqual(misplaced.map(({ name }) => name), []);
    });
  });
}
