import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Carrier } from "../../src/adapters/tls/carrier.ts";
import { BORROWED, type Socket } from "../../src/contract/socket.ts";

/** A carrier over a socket that takes `take(size)` bytes of each write, and the calls to that socket. */
function scene(take: (size: number) => number = (size) => size) {
  const calls: string[] = [];
  const socket = {
    start: () => {},
    resume: () => {},
    pause: () => void calls.push("pause"),
    shutdownWrite: () => void calls.push("end"),
    write(_buffer: Uint8Array, start: number, end: number) {
      calls.push(`write ${start}-${end}`);
      return take(end - start);
    },
  } as unknown as Socket;
  const carrier = new Carrier(socket, {
    onCarrierEnd: () => {},
    onCarrierClose: () => {},
  });
  const stream = carrier.stream as unknown as {
    write(bytes: Uint8Array): void;
    read(): Uint8Array | null;
  };
  return { calls, carrier, stream };
}

describe("what is carried below TLS and WebSockets", () => {
  for (
    const [what, taken] of [["taken in part", 1], ["borrowed", BORROWED]]
  ) {
    it(`is out before the connection ends, if it is ${what}`, () => {
      const { calls, carrier, stream } = scene(() => taken as number);
      stream.write(Uint8Array.of(1, 2, 3));
      carrier.end();
      assert.deepEqual(calls, ["write 0-3"]);
      carrier.onWritable();
      if (taken === 1) carrier.onWritable();
      assert.equal(calls.at(-1), "end");
      assert.ok(carrier.isDrained);
      assert.equal(calls.filter((call) => call === "end").length, 1);
    });
  }

  it("is kept in memory of its own, unless it was read into that", () => {
    const { carrier, stream } = scene();
    const read = Uint8Array.of(1, 2, 3);
    carrier.onData(read, 2);
    read.fill(9);
    assert.deepEqual([...stream.read() ?? []], [1, 2]);
    const own = carrier.readBuffer();
    own.set([4, 5]);
    carrier.onData(own, 2);
    assert.notEqual(carrier.readBuffer(), own);
    assert.deepEqual([...stream.read() ?? []], [4, 5]);
  });
});
