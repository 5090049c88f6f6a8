import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { pemBlocks } from "../../src/util/pem.ts";

const BODY = "QUJD".repeat(20);

/** A block of `label` with `body`. */
function block(label: string, body: string): string {
  return `-----BEGIN ${label}-----\n${body}\n-----END ${label}-----\n`;
}

describe("PEM", () => {
  it("is told in lines of 64 characters, whatever lies around and between them", () => {
    const [, folded] = /^(.{64})/.exec(BODY) as RegExpExecArray;
    const lines = `${folded}\n${BODY.slice(64)}`;
    const written = `\ufeffx: y\n  ${block("A", `${BODY}\r \t`)}z`;
    assert.deepEqual(pemBlocks(written), [
      { label: "A", text: block("A", lines) },
    ]);
    assert.deepEqual(pemBlocks(block("A", lines)), pemBlocks(written));
  });

  it("keeps the headers by which a key is encrypted, and no others", () => {
    const headers = "Proc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,00";
    const written = block("B C", ` Foo: bar\n${headers}\n\nQUJD`);
    assert.deepEqual(pemBlocks(written), [
      { label: "B C", text: block("B C", `${headers}\n\nQUJD`) },
    ]);
  });

  it("is not read on past the beginning of another, nor without an end, nor if it is no base64", () => {
    const whole = block("A", "QUJD");
    const parts = ["-----BEGIN A-----\nQUJD\n", whole, block("A", "QU%D")];
    const texts = [...parts, block("A", ""), block("A", "QUJ"), whole.trim()]
      .flatMap(pemBlocks).map(({ text }) => text);
    assert.deepEqual(texts, [
      ...[undefined, whole, undefined, undefined, undefined, whole],
    ]);
    assert.deepEqual(pemBlocks(parts[0] + whole).map(({ text }) => text), [
      ...[undefined, whole],
    ]);
    assert.deepEqual(pemBlocks(whole.replace("END A", "END B")), [
      { label: "A", text: undefined },
    ]);
    assert.deepEqual(pemBlocks("-----BEGIN \n"), []);
  });
});
