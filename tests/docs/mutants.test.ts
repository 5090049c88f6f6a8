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

const planted = new Set<string>();

for (const path of list("scripts/mutants/", ".mjs")) {
  const exported = Object.values(await import(new URL(path, root).href));
  const mutants = exported.filter(Array.isArray).flat() as Mutant[];
  if (mutants.length === 0) continue;
  describe(`the bugs that ${path} plants`, () => {
    it("are each in one place of a source, and are looked for by tests that there are", () => {
      assert.deepEqual(mutants.flatMap(faultsOf), []);
    });
  });
}

/** What is wrong with what `mutant` says of places. */
function faultsOf({ name, file, suites, ...mutant }: Mutant): string[] {
  const missing = [file, ...suites.map((suite) => suite.file)]
    .filter((path) => !exists(path));
  if (missing.length > 0) return [`${name}: there is no ${missing.join()}`];
  if (mutant.old === mutant.new) return [`${name}: old and new are equal`];
  const bug = JSON.stringify([file, mutant.old, mutant.new]);
  if (planted.size === planted.add(bug).size) {
    return [`${name}: another one is the same bug`];
  }
  const count = read(file).split(mutant.old).length - 1;
  return count === 1
    ? []
    : [`${name}: its old is ${count} times in ${file}, and not once`];
}
