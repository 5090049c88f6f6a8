import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import net from "node:net";
import process from "node:process";
import { describe, it } from "node:test";
import {
  type Adapter,
  type ConnectOptions,
  DefaultTcpListenerHandler,
  hostAdapter,
  type KeepAliveTimes,
  nodeAdapter,
} from "../mod.ts";
import { sink, withRuntime } from "./conformance/support.ts";
import { asTcp } from "./support/tcp.ts";

const TIMES: KeepAliveTimes = { idleMs: 300_000, intervalMs: 20_000, count: 4 };

/** The kind of timer that keep-alive is, as Linux shows it, and its ticks in a second. */
const PROBE = "02";
const TICKS = 100;

/** What a file of the system says, by a program: Deno lets only who may do everything read it. */
function systemFile(path: string): string {
  const options = { encoding: "latin1", maxBuffer: 2 ** 26 } as const;
  return execFileSync("cat", [path], options);
}

function inHex(port: number): string {
  return `:${port.toString(16).toUpperCase().padStart(4, "0")}`;
}

/** Seconds until the system probes the peer of the connection between these ports; undefined if it never does. */
function untilProbe(localPort: number, peerPort: number): number | undefined {
  // With many sockets a read of that file may leave one out.
  for (let attempt = 0; attempt < 100; attempt++) {
    const lines = systemFile("/proc/net/tcp").split("\n");
    const columns = lines.map((line) => line.trim().split(/\s+/));
    const own = columns.find(([, local, peer]) =>
      local?.endsWith(inHex(localPort)) && peer?.endsWith(inHex(peerPort))
    );
    if (own === undefined) continue;
    const [timer, ticks] = own[5].split(":");
    return timer === PROBE ? parseInt(ticks, 16) / TICKS : undefined;
  }
  assert.fail(`no connection between the ports ${localPort} and ${peerPort}`);
}

/** The same for a connection with these options, by an adapter. */
async function probes(
  adapter: Adapter,
  options: ConnectOptions,
): Promise<number | undefined> {
  let seconds: number | undefined;
  await withRuntime(adapter, {}, async (runtime) => {
    const listener = await runtime.listen(
      "127.0.0.1:0",
      new DefaultTcpListenerHandler(() => sink()),
    );
    const handle = await runtime.connect(listener.address, sink(), options);
    const { port } = asTcp(handle.localAddress);
    seconds = untilProbe(port, asTcp(listener.address).port);
  });
  return seconds;
}

/** After so many seconds the system probes if nobody tells it when. */
const SYSTEMS = process.platform === "linux"
  ? Number(systemFile("/proc/sys/net/ipv4/tcp_keepalive_time"))
  : NaN;

const hosts = new Set([hostAdapter(), nodeAdapter]);

// Elsewhere nothing shows what the system has been told.
if (process.platform === "linux") {
  for (const adapter of hosts) {
    describe(`keep-alive of ${adapter.name}`, () => {
      const setsIdle = adapter.keepAliveTimes?.includes("idleMs") ?? false;

      it("is off if nothing is said", async () => {
        assert.equal(await probes(adapter, {}), undefined);
        assert.equal(await probes(adapter, { keepAlive: false }), undefined);
      });

      it("probes first after idleMs where that can be set, else when the system likes", async () => {
        const seconds = await probes(adapter, { keepAlive: TIMES });
        assert.ok(seconds !== undefined);
        const expected = setsIdle ? 300 : SYSTEMS;
        assert.ok(seconds > expected - 10 && seconds <= expected, `${seconds}`);
      });

      it("probes after a minute if it is just on, where that can be set", async () => {
        const seconds = await probes(adapter, { keepAlive: true });
        assert.ok(seconds !== undefined);
        const expected = setsIdle ? 60 : SYSTEMS;
        assert.ok(seconds > expected - 10 && seconds <= expected, `${seconds}`);
      });
    });
  }
}

it("node:net is given all times, and the adapter tells which of them it takes", async () => {
  const calls: unknown[][] = [];
  const { prototype } = net.Socket;
  const { setKeepAlive } = prototype;
  prototype.setKeepAlive = function (...args) {
    calls.push(args);
    return setKeepAlive.apply(this, args);
  };
  try {
    await withRuntime(nodeAdapter, {}, async (runtime) => {
      const { address } = await runtime.listen(
        "127.0.0.1:0",
        new DefaultTcpListenerHandler(() => sink()),
      );
      await runtime.connect(address, sink(), { keepAlive: TIMES });
    });
  } finally {
    prototype.setKeepAlive = setKeepAlive;
  }
  assert.deepEqual(calls.at(-1), [true, 300_000, 20_000, 4]);
  assert.deepEqual(
    nodeAdapter.keepAliveTimes,
    setKeepAlive.length > 3 ? ["idleMs", "intervalMs", "count"] : ["idleMs"],
  );
});
