import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { parcelOf, withOwnBytes } from "../../src/threads/link/own_bytes.ts";

const LARGE = new ArrayBuffer(1000);
new Uint8Array(LARGE).forEach((_, i, bytes) => bytes[i] = i);

/** Views of a part of a buffer, of every type. */
const parts: ArrayBufferView[] = [
  new Uint8Array(LARGE, 8, 16),
  new Uint8ClampedArray(LARGE, 8, 16),
  new Int8Array(LARGE, 8, 16),
  new Int16Array(LARGE, 8, 8),
  new Uint16Array(LARGE, 8, 8),
  new Int32Array(LARGE, 8, 4),
  new Uint32Array(LARGE, 8, 4),
  new Float32Array(LARGE, 8, 4),
  new Float64Array(LARGE, 8, 2),
  new BigInt64Array(LARGE, 8, 2),
  new BigUint64Array(LARGE, 8, 2),
  new DataView(LARGE, 8, 16),
  ...("Float16Array" in globalThis ? [new Float16Array(LARGE, 8, 8)] : []),
  new (class OwnBytes extends Uint8Array {})(LARGE, 8, 16),
];

/** The bytes that a view shows. */
function bytesOf(
  { buffer, byteOffset, byteLength }: ArrayBufferView,
): number[] {
  return [...new Uint8Array(buffer, byteOffset, byteLength)];
}

/** What arrives in the other thread. */
function sent<Value>(value: Value): Value {
  return structuredClone(withOwnBytes(value)) as Value;
}

/** An array that counts how often it is asked for an item, for its property names, or for a property's descriptor. */
function watched(
  array: unknown[],
): { items: unknown[]; reads: { items: number; names: number } } {
  const reads = { items: 0, names: 0 };
  const items = new Proxy(array, {
    get(target, key) {
      if (typeof key === "string" && key !== "length") reads.items++;
      return Reflect.get(target, key);
    },
    ownKeys(target) {
      reads.names++;
      return Reflect.ownKeys(target);
    },
    getOwnPropertyDescriptor(target, key) {
      reads.names++;
      return Reflect.getOwnPropertyDescriptor(target, key);
    },
  });
  return { items, reads };
}

describe("a view that is sent to another thread", () => {
  for (const part of parts) {
    const kind = part.constructor.name;
    it(`${kind}: of part of a buffer arrives with only the bytes that it shows`, () => {
      for (
        const arrived of [
          sent(part),
          sent({ part }).part,
          sent([part])[0],
          sent(new Map([["key", { part }]])).get("key")!.part,
          [...sent(new Map([[part, 1]])).keys()][0],
          [...sent(new Set([part]))][0],
          sent({ deep: [new Map([[1, new Set([[part]])]])] })
            .deep[0].get(1)!.values().next().value![0],
          sent(
            new (class Point {
              readonly part = part;
            })(),
          ).part,
        ]
      ) {
        assert.equal(arrived.buffer.byteLength, 16);
        assert.deepEqual(bytesOf(arrived), bytesOf(part));
        assert.equal(
          Object.prototype.toString.call(arrived),
          Object.prototype.toString.call(part),
        );
      }
    });
  }

  it("of a whole buffer is cloned as it is: nothing is copied twice", () => {
    for (const value of [new Uint8Array(9), { a: new DataView(LARGE) }, []]) {
      assert.equal(withOwnBytes(value), value);
    }
  });

  it("of shared memory stays shared", () => {
    const memory = new SharedArrayBuffer(100);
    const { view } = sent({ view: new Uint8Array(memory, 10, 10) });
    new Uint8Array(memory)[10] = 7;
    assert.equal(view[0], 7);
    assert.equal(view.byteOffset, 10);
  });

  it("cycles are kept, and what is there twice is there twice", () => {
    const view = new Uint8Array(LARGE, 1, 2);
    const value: Record<string, unknown> = { view, again: view, n: 1 };
    value.self = value;
    value.list = [value, , { value }]; // deno-lint-ignore no-sparse-arrays
    Object.assign(value.list as object, { extra: view });
    value.map = new Map<unknown, unknown>([[value, value]]);
    const arrived = sent(value);
    assert.equal(arrived.view, arrived.again);
    assert.notEqual(arrived.view, view);
    assert.equal(arrived.self, arrived);
    const list = arrived.list as unknown[] & { extra: unknown };
    assert.equal(list[0], arrived);
    assert.equal(list.length, 3);
    assert.ok(!(1 in list));
    assert.equal((list[2] as typeof arrived).value, arrived);
    assert.equal(list.extra, arrived.view);
    assert.equal((arrived.map as Map<unknown, unknown>).get(arrived), arrived);
  });

  it("nested 100,000 deep it needs no deep stack", () => {
    let value: unknown = new Uint8Array(LARGE, 1, 2);
    for (let depth = 0; depth < 100_000; depth++) value = [value];
    let copy = withOwnBytes(value);
    while (Array.isArray(copy)) copy = copy[0];
    assert.equal((copy as Uint8Array).buffer.byteLength, 2);
  });

  it("with a large array it reads each item, and asks for no names of them", () => {
    const { items, reads } = watched(
      Array.from({ length: 1000 }, (_, i) => i),
    );
    assert.equal(withOwnBytes(items), items);
    assert.deepEqual(reads, { items: 1000, names: 0 });
    const { list } = withOwnBytes({
      list: items,
      part: new Uint8Array(LARGE, 1, 2),
    }) as { list: unknown };
    assert.equal(list, items, "what has no objects in it is not copied");
    assert.deepEqual(reads, { items: 3000, names: 0 });
  });

  it("with an array that is mostly holes it does not walk through them", () => {
    const sparse: unknown[] = [1];
    sparse[2 ** 31] = new Uint8Array(LARGE, 1, 2);
    const { items, reads } = watched(sparse);
    const copy = withOwnBytes(items) as unknown[];
    assert.equal((copy[2 ** 31] as Uint8Array).buffer.byteLength, 2);
    assert.equal(copy.length, sparse.length);
    assert.ok(reads.items < 100, `${reads.items} reads`);
  });

  it("in an array with holes it is found, before the first and after", () => {
    const part = new Uint8Array(LARGE, 1, 2);
    for (const items of [[part, , 1], [1, , part], [, , part], [[, part]]]) { // deno-lint-ignore no-sparse-arrays
      const found = sent<unknown[]>(items).flat().find(ArrayBuffer.isView);
      assert.equal(found?.buffer.byteLength, 2);
    }
  });

  it("is asked by the engine's own getters, and not by what somebody has put on it", () => {
    const part = Object.defineProperties(new Uint8Array(LARGE, 8, 16), {
      buffer: { value: new ArrayBuffer(1) },
      byteOffset: { value: 0 },
      byteLength: { value: 1 },
    });
    const arrived = sent({ part: Object.setPrototypeOf(part, null) }).part;
    assert.equal(arrived.buffer.byteLength, 16);
    assert.deepEqual(bytesOf(arrived), bytesOf(new Uint8Array(LARGE, 8, 16)));
  });

  it("is found in an object of a class that names itself", () => {
    class Tagged {
      readonly part = new Uint8Array(LARGE, 1, 2);
      get [Symbol.toStringTag](): string {
        return "Tagged";
      }
    }
    assert.equal(sent(new Tagged()).part.buffer.byteLength, 2);
    assert.equal(sent([new Tagged()])[0].part.buffer.byteLength, 2);
  });

  it("everything else is left to the structured clone algorithm", () => {
    const date = new Date(0);
    const error = new RangeError("text");
    const arrived = sent({
      date,
      error,
      pattern: /x/g,
      boxed: Object("text"),
      memory: new SharedArrayBuffer(3),
      buffer: new ArrayBuffer(4),
      ["__proto__"]: 1,
      view: new Uint8Array(LARGE, 1, 2),
    });
    assert.equal(arrived.boxed.valueOf(), "text");
    assert.equal(arrived.memory.byteLength, 3);
    assert.equal(arrived.buffer.byteLength, 4);
    assert.deepEqual(arrived.date, date);
    assert.ok(arrived.error instanceof RangeError);
    assert.ok(arrived.pattern instanceof RegExp);
    assert.equal(Object.getPrototypeOf(arrived), Object.prototype);
  });
});

describe("the size of what is sent to another thread", () => {
  const buffer = new ArrayBuffer(2 ** 20);
  const part = new Uint8Array(buffer, 0, 10_000);
  const cyclic: unknown[] = [buffer];
  cyclic.push(cyclic);
  const lying = Object.defineProperty(new ArrayBuffer(1000), "byteLength", {
    value: NaN,
  });
  const shared = new Uint8Array(new SharedArrayBuffer(1000));

  it("counts buffers, views and characters, however deep, and 8 bytes for each value", () => {
    const cases: [unknown, number][] = [
      [1, 8],
      ["x".repeat(1000), 8 + 1000],
      [buffer, 8 + 2 ** 20],
      [new Uint8Array(buffer), 8 + 2 ** 20],
      [part, 8 + 10_000],
      [shared, 8],
      [lying, 8 + 1000],
      [[part, part], 8 + 16 + 10_000],
      [{ a: [{ part }], b: "text" }, 8 + 8 + 8 + 8 + 10_000 + 8 + 4],
      [new Map([["key", part]]), 8 + 8 + 3 + 8 + 10_000],
      [new Set(["text", 5]), 8 + 8 + 4 + 8],
      [Array.from({ length: 1000 }, (_, i) => i), 8 + 8000],
      [cyclic, 8 + 16 + 2 ** 20],
    ];
    for (const [value, size] of cases) {
      assert.equal(parcelOf(value).size, size);
    }
  });

  it("counts what is moved, whether it is in the value or not, once", () => {
    for (const value of [{}, { part, buffer }, [part]]) {
      const copied = parcelOf(value, [new ArrayBuffer(8)]).size - 8;
      const moved = parcelOf(value, [buffer]).size;
      assert.ok(
        moved >= 2 ** 20 && moved < 2 ** 20 + 100,
        `${copied}, ${moved}`,
      );
    }
  });
});
