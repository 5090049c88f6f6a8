import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Database } from "../../../examples/redis_server/database.ts";
import { Deque } from "../../../examples/redis_server/deque.ts";
import { matches } from "../../../examples/redis_server/glob.ts";
import { Keyspace } from "../../../examples/redis_server/keyspace.ts";
import { SimRandom } from "../../../mod.ts";

describe("a pattern", () => {
  it("describes what Redis says it does", () => {
    for (
      const [pattern, yes, no] of [
        ["*", ["", "a", "ab"], []],
        ["h?llo", ["hello", "h*llo"], ["hllo", "heello"]],
        ["h*llo", ["hllo", "heeello"], ["hell", "llo"]],
        ["h[ae]llo", ["hello", "hallo"], ["hillo"]],
        ["h[^e]llo", ["hallo"], ["hello"]],
        ["h[b-a]llo", ["hallo", "hbllo"], ["hcllo"]],
        ["a\\*b", ["a*b"], ["aab"]],
        ["a\\", ["a\\"], ["a"]],
        ["[a\\]b]", ["]", "a", "b"], ["\\"]],
        ["a[bc", ["ab", "ac"], ["a", "abc"]],
        ["*a*b", ["ab", "xaxb", "aab"], ["ba", "abx"]],
        ["", [""], ["a"]],
      ] as const
    ) {
      for (const text of yes) assert.ok(matches(pattern, text), pattern + text);
      for (const text of no) assert.ok(!matches(pattern, text), pattern + text);
    }
  });

  it("does not take for ever", () => {
    assert.ok(!matches("*a".repeat(50) + "b", "a".repeat(5000)));
  });
});

describe("a deque", () => {
  it("is as an array", () => {
    const random = new SimRandom(1);
    const deque = new Deque();
    const model: string[] = [];
    for (let i = 0; i < 2000; i++) {
      const element = String(i);
      switch (random.integer(0, 5)) {
        case 0:
        case 1:
          deque.pushFirst(element);
          model.unshift(element);
          break;
        case 2:
        case 3:
          deque.pushLast(element);
          model.push(element);
          break;
        case 4:
          assert.equal(deque.popFirst(), model.shift());
          break;
        default:
          assert.equal(deque.popLast(), model.pop());
      }
      assert.equal(deque.length, model.length);
    }
    assert.deepEqual([...deque], model);
    assert.equal(deque.at(model.length - 1), model.at(-1));
  });
});

describe("a walk over keys", () => {
  it("meets each that is there all the time, whatever else comes and goes", () => {
    const random = new SimRandom(1);
    const keyspace = new Keyspace<number>();
    for (let i = 0; i < 3000; i++) keyspace.set(`stays:${i}`, i);
    const met = new Set<string>();
    let cursor = 0;
    do {
      const { keys, next } = keyspace.scan(cursor, 10);
      for (const key of keys) met.add(key);
      for (let i = 0; i < 20; i++) {
        const key = `comes and goes:${random.integer(0, 500)}`;
        if (!keyspace.delete(key)) keyspace.set(key, i);
      }
      cursor = next;
    } while (cursor !== 0);
    for (let i = 0; i < 3000; i++) assert.ok(met.has(`stays:${i}`));
    const all = [...keyspace.keys()];
    assert.equal(all.length, keyspace.size);
  });

  it("takes many steps", () => {
    const keyspace = new Keyspace<number>();
    for (let i = 0; i < 10_000; i++) keyspace.set(`key:${i}`, i);
    let steps = 0;
    for (let cursor = 0; steps === 0 || cursor !== 0; steps++) {
      const { keys, next } = keyspace.scan(cursor, 10);
      assert.ok(keys.length < 200);
      cursor = next;
    }
    assert.ok(steps > 100);
  });
});

describe("keys whose time is over", () => {
  let now = 0;
  const expired: string[] = [];
  const database = new Database(0, {
    now: () => now,
    onChange: () => {},
    onExpire: (_database, key) => void expired.push(key),
  });

  it("are gone when somebody asks for them", () => {
    database.replace("a", "1", 10);
    now = 9;
    assert.equal(database.get("a"), "1");
    now = 10;
    assert.equal(database.get("a"), undefined);
    assert.deepEqual(expired, ["a"]);
    assert.equal(database.size, 0);
  });

  it("are gone, too, when nobody does", () => {
    for (let i = 0; i < 5000; i++) database.replace(`k${i}`, "1", 20 + i % 2);
    database.replace("stays", "1");
    now = 20;
    for (let i = 0; i < 50; i++) database.expireSome();
    assert.equal(database.size, 2501);
    assert.equal(database.expiringCount, 2500);
    now = 21;
    for (let i = 0; i < 50; i++) database.expireSome();
    assert.deepEqual([...database.keys()], ["stays"]);
  });
});
