import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import net from "node:net";
import process from "node:process";
import { describe, it } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import {
  type Adapter,
  type ConnectOptions,
  DefaultTcpListenerHandler,
  hostAdapter,
  type KeepAliveTimes,
  nodeAdapter,
} from "../../mod.ts";
import { signal, sink, withRuntime } from "../conformance/support.ts";
import { ca, server } from "../support/certificates.ts";
import { asTcp } from "../support/tcp.ts";

const TIMES: KeepAliveTimes = { idleMs: 300_000, intervalMs: 20_000, count: 4 };

/** Kinds of timers, as Linux shows them, and their ticks in a second. */
const PROBE = "02";
const RETRANSMIT = "01";
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
async function untilProbe(
  localPort: number,
  peerPort: number,
): Promise<number | undefined> {
  // With many sockets a read of that file may leave one out, and the timer is another one while an acknowledgement is owed.
  for (let attempt = 0; attempt < 100; attempt++) {
    const lines = systemFile("/proc/net/tcp").split("\n");
    const columns = lines.map((line) => line.trim().split(/\s+/));
    const own = columns.find(([, local, peer]) =>
      local?.endsWith(inHex(localPort)) && peer?.endsWith(inHex(peerPort))
    );
    const [timer, ticks] = own?.[5].split(":") ?? [RETRANSMIT];
    if (timer === RETRANSMIT) {
      await delay(10);
      continue;
    }
    return timer === PROBE ? parseInt(ticks, 16) / TICKS : undefined;
  }
  assert.fail(`no connection between the ports ${localPort} and ${peerPort}`);
}

/** The same for both ends of a connection with this option, by an adapter. */
async function probes(
  adapter: Adapter,
  keepAlive: ConnectOptions["keepAlive"],
  isTls: boolean,
): Promise<(number | undefined)[]> {
  const seconds: (number | undefined)[] = [];
  await withRuntime(adapter, {}, async (runtime) => {
    const served = signal();
    const reactor = sink({ onConnected: () => served.resolve(undefined) });
    const listener = await runtime.listen("127.0.0.1:0", {
      onNewConnection: () => ({ reactor, keepAlive }),
    }, { tls: isTls ? server : undefined });
    const handle = await runtime.connect(listener.address, sink(), {
      keepAlive,
      tls: isTls ? { ca } : undefined,
    });
    await served.promise;
    const { port } = asTcp(handle.localAddress);
    const there = asTcp(listener.address).port;
    seconds.push(await untilProbe(port, there), await untilProbe(there, port));
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
    const setsIdle = adapter.keepAliveTimes?.includes("idleMs") ?? false;
    for (const isTls of [false, true]) {
      const over = isTls ? "TLS" : "TCP";
      describe(`keep-alive of ${adapter.name} over ${over}, of both ends`, () => {
        it("is off if nothing is said", async () => {
          for (const keepAlive of [undefined, false]) {
            const off = await probes(adapter, keepAlive, isTls);
            assert.deepEqual(off, [undefined, undefined]);
          }
        });

        for (
          const [how, keepAlive, idle] of [
            ["after idleMs", TIMES, 300],
            ["after a minute if it is just on", true, 60],
          ] as const
        ) {
          it(`probes ${how} where that can be set, else when the system likes`, async () => {
            const expected = setsIdle ? idle : SYSTEMS;
            for (const seconds of await probes(adapter, keepAlive, isTls)) {
              assert.ok(seconds !== undefined);
              assert.ok(
                seconds > expected - 10 && seconds <= expected,
                `${seconds}`,
              );
            }
          });
        }
      });
    }
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
