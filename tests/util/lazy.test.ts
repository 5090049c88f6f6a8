import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Lazy } from "../../src/util/lazy.ts";

describe("Lazy", () => {
  it("loads when it is asked first, and once for all who ask", async () => {
    let loadCount = 0;
    const lazy = new Lazy(() => Promise.resolve(`value ${++loadCount}`));
    assert.equal(lazy.isLoaded, false);
    assert.equal(loadCount, 0);
    const both = await Promise.all([lazy.load(), lazy.load()]);
    assert.deepEqual(both, ["value 1", "value 1"]);
    assert.ok(lazy.isLoaded);
    assert.equal(lazy.value, "value 1");
    assert.equal(await lazy.load(), "value 1");
    assert.equal(loadCount, 1);
  });

  it("tells all who ask that it failed, and tries again for whoever asks later", async () => {
    const failure = new Error("no such file");
    let isThere = false;
    const lazy = new Lazy(() => {
      if (!isThere) throw failure;
      return Promise.resolve("value");
    });
    await Promise.all(
      [lazy.load(), lazy.load()].map((loading) =>
        assert.rejects(loading, failure)
      ),
    );
    assert.equal(lazy.isLoaded, false);
    isThere = true;
    assert.equal(await lazy.load(), "value");
  });

  it("has anything but a promise at once", () => {
    const lazy = new Lazy(() => "value");
    void lazy.load();
    assert.equal(lazy.value, "value");
  });

  it("loads nothing that was provided", async () => {
    const lazy = new Lazy<string>(() => assert.fail("loaded"));
    lazy.provide("value");
    assert.ok(lazy.isLoaded);
    assert.equal(lazy.value, "value");
    assert.equal(await lazy.load(), "value");
  });
});
