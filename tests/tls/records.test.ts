import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { RecordWatch } from "../../src/adapters/tls/tls_records.ts";

function record(type: number, size: number): number[] {
  return [type, 3, 3, size >> 8, size & 255, ...new Array<number>(size)];
}

/** A TLS 1.3 record with `size` bytes of plaintext. */
const hidden = (size: number) => record(23, size + 17);

/** Whether `reads`, each with the number of bytes decrypted from it, end in an alert. */
function ends(...reads: [bytes: number[], told: number][]): boolean {
  const watch = new RecordWatch();
  for (const [bytes, told] of reads) {
    watch.onRead(Uint8Array.from(bytes));
    if (told > 0) watch.onDecrypted(told);
  }
  return watch.endsInAlert;
}

describe("what a peer has said last", () => {
  it("is an alert if it is as long, and told nothing", () => {
    assert.equal(ends([hidden(2), 0]), true);
    assert.equal(ends([hidden(5), 5], [hidden(2), 0]), true);
    assert.equal(ends([[...hidden(5), ...hidden(2)], 5]), true);
    assert.equal(ends([record(23, 99), 82], [record(21, 26), 0]), true);
  });

  it("is none if it told something, or is of another size", () => {
    assert.equal(ends(), false);
    assert.equal(ends([hidden(2), 2]), false);
    assert.equal(ends([[...hidden(5), ...hidden(2)], 7]), false);
    assert.equal(ends([hidden(5), 0]), false);
    assert.equal(ends([hidden(2), 0], [hidden(900), 900]), false);
  });

  it("is none if a record is not whole, in whatever pieces it came", () => {
    const bytes = [...hidden(5), ...hidden(2)];
    for (let size = 1; size < bytes.length; size++) {
      const told = size >= 27 ? 5 : 0;
      assert.equal(ends([bytes.slice(0, size), told]), false, `${size}`);
      const rest = bytes.slice(size);
      assert.equal(ends([bytes.slice(0, size), told], [rest, 5 - told]), true);
    }
    const alert = record(21, 26);
    for (let size = 1; size < alert.length; size++) {
      assert.equal(ends([alert.slice(0, size), 0]), false, `${size}`);
    }
  });
});
