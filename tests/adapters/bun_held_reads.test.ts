import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { BunSocket, socketHandlers } from "../../src/adapters/bun_socket.ts";

type Native = Parameters<typeof socketHandlers.data>[0];

/** A socket on a native one that the test plays, and the events it reported. */
function playedSocket() {
  const calls: string[] = [];
  const played = {
    data: undefined as unknown,
    remoteAddress: "127.0.0.1",
    remotePort: 1,
    pause: () => void calls.push("pause"),
    resume: () => void calls.push("resume"),
    shutdown: () => void calls.push("shutdown"),
    close: () => void calls.push("close"),
    terminate: () => void calls.push("terminate"),
  };
  const native = played as unknown as Native;
  const socket = new BunSocket(native, "127.0.0.1");
  played.data = socket;
  const events: string[] = [];
  socket.start({
    readBuffer: () => new Uint8Array(0),
    onData: ([first], length) => void events.push(`${first} × ${length}`),
    onWritable: () => void events.push("writable"),
    onEnd: () => void events.push("end"),
    onClose: (failure) =>
      void events.push(failure === undefined ? "closed" : failure.kind),
  });
  const read = (byte: number) =>
    socketHandlers.data(native, new Uint8Array(3).fill(byte));
  return { socket, native, events, calls, read };
}

const turn = () => new Promise((resolve) => setTimeout(resolve, 0));

describe("a Bun socket that reads although it is paused", () => {
  it("keeps that, FIN and the close for when reading goes on, in order", async () => {
    const { socket, native, events, read } = playedSocket();
    socket.shutdownWrite();
    read(1);
    socket.pause();
    read(2);
    read(3);
    socketHandlers.end(native);
    socketHandlers.close(native);
    await turn();
    assert.deepEqual(events, ["1 × 3"]);
    socket.resume();
    await turn();
    assert.deepEqual(events, ["1 × 3", "2 × 3", "3 × 3", "end", "closed"]);
  });

  it("goes on with the socket, behind what it kept", async () => {
    const { socket, native, events, calls, read } = playedSocket();
    socket.pause();
    read(1);
    socket.resume();
    read(2); // before the first is delivered
    await turn();
    read(3);
    socketHandlers.end(native);
    assert.deepEqual(events, ["1 × 3", "2 × 3", "3 × 3", "end"]);
    assert.deepEqual(calls, ["pause", "resume"]);
  });

  it("keeps the rest if it is paused again meanwhile", async () => {
    const { socket, events, calls, read } = playedSocket();
    socket.pause();
    read(1);
    read(2);
    const { onData } = socket.events;
    socket.events.onData = (bytes, length) => {
      onData(bytes, length);
      socket.pause();
    };
    socket.resume();
    await turn();
    assert.deepEqual(events, ["1 × 3"]);
    socket.resume();
    await turn();
    assert.deepEqual(events, ["1 × 3", "2 × 3"]);
    assert.ok(!calls.includes("resume"));
  });

  it("drops it if that was a reset", async () => {
    const { socket, native, events, read } = playedSocket();
    socket.pause();
    read(1);
    socketHandlers.end(native);
    socketHandlers.close(native);
    assert.deepEqual(events, ["reset"]);
    socket.resume();
    await turn();
    assert.deepEqual(events, ["reset"]);
  });
});
