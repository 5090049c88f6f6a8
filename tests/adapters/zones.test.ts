import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { withZone } from "../../src/adapters/zones.ts";

describe("the zone of an address", () => {
  it("that the runtime forgets is that of the address asked for", () => {
    assert.equal(withZone("fe80::1", "fe80::1%eth0"), "fe80::1%eth0");
    assert.equal(withZone("FEBF::1", "fe80::2%7"), "FEBF::1%7");
  });

  it("stays as the runtime gives it", () => {
    assert.equal(withZone("fe80::1%lo", "fe80::1%eth0"), "fe80::1%lo");
  });

  it("is for link-local addresses alone, and where one was asked for", () => {
    assert.equal(withZone("::1", "::1%lo"), "::1");
    assert.equal(withZone("10.0.0.1", "fe80::1%eth0"), "10.0.0.1");
    assert.equal(withZone("fec0::1", "fe80::1%eth0"), "fec0::1");
    assert.equal(withZone("fe80::1", "::"), "fe80::1");
    assert.equal(withZone("fe80::1", "localhost"), "fe80::1");
  });
});
