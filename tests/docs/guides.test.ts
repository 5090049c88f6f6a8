import assert from "node:assert/strict";
import { test } from "node:test";
import { publicNames } from "./doc_comments.ts";
import { list, read } from "./project.ts";

/** Public functions, classes and constants by the files that declare them. */
const values = Array.from(
  publicNames(),
  ([path, names]): [string, string[]] => {
    const source = read(path);
    const isValue = (name: string) =>
      new RegExp(
        `^export (?:async )?(?:abstract )?(?:function|class|const) ${name}\\b`,
        "m",
      ).test(source);
    return [path, [...names].filter(isValue)];
  },
);

const isError = (name: string) => /.Error$/.test(name);

test("every public function, class and constant that programs use is named by a guide; errors by what throws them", () => {
  const guides = ["README.md", ...list("docs/", ".md")]
    .filter((path) => path !== "docs/mutants.md").map(read).join("\n");
  // What adapters alone use is for CONTRIBUTING.md.
  const ofPrograms = values.filter(([path]) =>
    !path.startsWith("src/contract/")
  )
    .flatMap(([, names]) => names.filter((name) => !isError(name)));
  assert.ok(ofPrograms.length > 60, `${ofPrograms.length}`);
  const unnamed = ofPrograms.filter((name) =>
    !new RegExp(`\\b${name}\\b`).test(guides)
  );
  assert.deepEqual(unnamed, []);
});

test("the library itself makes every error that it exports, or others that extend it", () => {
  const sources = list("src/", ".ts").map(read).join("\n");
  const errors = values.flatMap(([, names]) => names.filter(isError));
  assert.ok(errors.length > 50, `${errors.length}`);
  const unmade = errors.filter((name) => {
    const uses = sources.replaceAll(`nameOf(this, { ${name} })`, "")
      .match(new RegExp(`(?<!class )\\b${name}\\b(?![^\\n]*\\bfrom\\b)`, "g"));
    return uses === null;
  });
  assert.deepEqual(unmade, []);
});

test("every codec of the library is tried by testCodec and by every adapter, and has its place in the guide", () => {
  const codecs = values.flatMap(([path, names]) => {
    if (!path.startsWith("src/codec/")) return [];
    const source = read(path);
    return names.filter((name) =>
      new RegExp(
        `^export function ${name}\\b[^]*?\\): (.*) \\{$`,
        "m",
      ).exec(source)?.[1].match(/^(?:Payload)?Codec\b/)
    );
  }).filter((name) => name !== "unframed"); // its messages have no ends to find
  assert.ok(codecs.length >= 6, codecs.join());
  const places = [
    "tests/codec/test_codec.test.ts",
    "tests/conformance/codecs.ts",
    "docs/codecs.md",
  ];
  for (const path of places) {
    const text = read(path);
    const untried = codecs.filter((name) =>
      !new RegExp(`\\b${name}\\b`).test(text)
    );
    assert.deepEqual(untried, [], path);
  }
});
