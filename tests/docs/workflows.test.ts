import assert from "node:assert/strict";
import { test } from "node:test";
import { list, read } from "./project.ts";

const workflows = list(".github/workflows/", ".yml");
const { scripts } = JSON.parse(read("package.json"));

for (const path of workflows) {
  test(`every action is that of a commit, and its version is told: ${path}`, () => {
    for (const [line, action] of read(path).matchAll(/\buses: (\S+).*$/gm)) {
      if (action.startsWith("./")) continue; // a workflow of this project
      assert.match(line, /@[0-9a-f]{40} # v\d+\.\d+\.\d+$/);
    }
  });

  test(`every job of the runner that is named exists: ${path}`, () => {
    for (const [, job] of read(path).matchAll(/npm run ([\w:]+)(?![\w:$])/g)) {
      assert.ok(job.endsWith(":") || job in scripts, job);
    }
  });

  test(`no secret is needed: ${path}`, () => {
    assert.doesNotMatch(read(path), /\bsecrets\.|NODE_AUTH_TOKEN/);
  });
}

test("there are workflows", () => {
  assert.ok(workflows.length >= 2);
});
