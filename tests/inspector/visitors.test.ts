import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  type ConnectionHandle,
  inspect,
  MessageResult,
  ReactRuntime,
  SimNetwork,
} from "../../mod.ts";

const TOKEN = "0123456789abcdef";

/** Places that an inspector has. */
const PLACES = 64;

/** A connection to an inspector. */
interface Visitor {
  readonly handle: ConnectionHandle;
  readonly isOpen: boolean;
  /** Asks, and resolves to the status, or to 0 if the connection is gone first. */
  ask(token?: string): Promise<number>;
}

/** Runs `body` with what connects to an inspector on a simulated network. */
async function withVisitors(
  body: (
    come: () => Promise<Visitor>,
    sleep: (ms: number) => Promise<void>,
  ) => Promise<void>,
): Promise<void> {
  const network = new SimNetwork({ seed: 1 });
  const runtime = new ReactRuntime({ adapter: network.host("server").adapter });
  const inspector = await inspect(runtime, {
    address: "server:80",
    token: TOKEN,
  });
  const far = new ReactRuntime({ adapter: network.host("far").adapter });
  const come = async (): Promise<Visitor> => {
    let answered: (status: number) => void = () => {};
    let isOpen = true;
    const handle = await far.connect("server:80", {
      onCommand: (bytes, ctx) => void ctx.sendOrQueue(bytes as Uint8Array),
      onInboundMessage(buf) {
        const text = new TextDecoder().decode(buf);
        if (!text.includes("\r\n\r\n")) return MessageResult.expectMsgSize(0);
        answered(Number(text.split(" ")[1]));
        return MessageResult.dropMsgSize(buf.length);
      },
      onClose() {
        isOpen = false;
        answered(0);
      },
    });
    return {
      handle,
      get isOpen() {
        return isOpen;
      },
      ask(token) {
        const request = `GET /api/overview HTTP/1.1\r\nHost: server\r\n` +
          `Authorization: Bearer ${token}\r\n\r\n`;
        far.cmdSender.sendUserCmd(handle, new TextEncoder().encode(request));
        return new Promise((resolve) => answered = resolve);
      },
    };
  };
  try {
    await body(come, (ms) => network.sleep(ms));
  } finally {
    await inspector.close();
    await Promise.all([far.stop(), runtime.stop()]);
  }
}

describe("an inspector's visitors", () => {
  it("who say nothing, or not who they are, are gone after ten seconds; who may ask stays for a minute of silence", () =>
    withVisitors(async (come, sleep) => {
      const [silent, wrong, known] = [await come(), await come(), await come()];
      assert.equal(await known.ask(TOKEN), 200);
      await sleep(8000);
      assert.equal(await wrong.ask("another"), 401);
      assert.ok(silent.isOpen && wrong.isOpen);
      await sleep(4000);
      assert.ok(!silent.isOpen && !wrong.isOpen);
      assert.equal(await known.ask(TOKEN), 200);
      await sleep(50_000);
      assert.ok(known.isOpen);
      await sleep(11_000);
      assert.ok(!known.isOpen);
    }));

  it("who say nothing keep nobody out: the first of them gives way", () =>
    withVisitors(async (come) => {
      const known = await come();
      assert.equal(await known.ask(TOKEN), 200);
      const silent = [];
      for (let i = 1; i < PLACES; i++) silent.push(await come());
      assert.ok(silent.every(({ isOpen }) => isOpen));
      const last = await come();
      assert.equal(await last.ask(TOKEN), 200);
      await silent[0].handle.whenClosed;
      assert.ok(silent[1].isOpen && known.isOpen);
    }));

  it("who may ask give way if there are no others, first who has asked least lately", () =>
    withVisitors(async (come) => {
      const known = [];
      for (let i = 0; i < PLACES; i++) {
        known.push(await come());
        assert.equal(await known[i].ask(TOKEN), 200);
      }
      assert.equal(await known[0].ask(TOKEN), 200);
      const last = await come();
      assert.equal(await last.ask(TOKEN), 200);
      await known[1].handle.whenClosed;
      assert.ok(known[0].isOpen && known[2].isOpen);
    }));
});
