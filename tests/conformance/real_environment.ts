import assert from "node:assert/strict";
import { networkInterfaces } from "node:os";
import process from "node:process";
import { type Adapter, nodeAdapter } from "../../mod.ts";
import {
  BlackHoleListener,
  commandOf,
  connectAnsweringPeer,
  firstLine,
  start,
} from "./children.ts";
import type { EchoServer, Environment } from "./environment.ts";
import { RawPeer } from "./peers.ts";
import { ANY_PORT, eventually, sleep } from "./support.ts";
import { block } from "../support/block.ts";
import { asTcp, tcp } from "../support/tcp.ts";

/** The sockets, processes and clock of this machine, with `adapter`. */
export function realEnvironment(adapter: Adapter): Environment {
  const isDeno = "Deno" in globalThis;
  const isNodes = adapter === nodeAdapter;
  return {
    adapter,
    anyPort: ANY_PORT,
    // Deno's node:net does not accept addresses with a zone.
    hosts: [...loopbackHosts(), ...isDeno && isNodes ? [] : linkLocalHosts()],
    sleep,
    eventually,
    connectPeer: RawPeer.connect,
    dropped: RawPeer.dropped,
    blockEventLoop(ms, condition = () => true) {
      block(ms);
      while (!condition()) block(1);
    },
    connectAnsweringPeer,
    openBlackHole: BlackHoleListener.open,
    // Deno cannot reset a connection.
    endingOfAbort: isDeno && !isNodes ? "FIN" : "a reset",
    startDyingPeer(address) {
      const where = address.transport === "unix"
        ? address.path
        : asTcp(address).port;
      const child = start(commandOf("dying_peer", where));
      child.on("error", (error) => assert.ifError(error));
    },
    // Only on Linux can the limit be lowered in this way.
    startLimitedServer: process.platform !== "linux"
      ? undefined
      : (fileLimit) => startLimitedServer(fileLimit, isNodes ? "node" : "host"),
  };
}

async function startLimitedServer(
  fileLimit: number,
  adapterName: string,
): Promise<EchoServer> {
  const server = start([
    "sh",
    "-c",
    `ulimit -n ${fileLimit} && exec "$@"`,
    "sh",
    ...commandOf("echo_server", adapterName),
  ]);
  const kill = () => void server.kill("SIGKILL");
  try {
    const port = Number(await firstLine(server));
    return {
      address: tcp("127.0.0.1", port),
      get isAlive() {
        return server.exitCode === null;
      },
      kill,
    };
  } catch (error) {
    kill();
    throw error;
  }
}

/** A link-local address, if the machine has one. */
function linkLocalHosts(): string[] {
  const isWindows = process.platform === "win32";
  for (const [name, entries = []] of Object.entries(networkInterfaces())) {
    const entry = entries.find(({ address }) => address.startsWith("fe80:"));
    if (entry?.family !== "IPv6") continue;
    return [`[${entry.address}%${isWindows ? entry.scopeid : name}]`];
  }
  return [];
}

/** The loopback addresses; IPv6 is left out where the machine has none. */
export function loopbackHosts(): string[] {
  const addresses = Object.values(networkInterfaces()).flat();
  const hasIpv6 = addresses.some((entry) => entry?.address === "::1");
  return hasIpv6 ? ["127.0.0.1", "[::1]"] : ["127.0.0.1"];
}
