import assert from "node:assert/strict";
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmdirSync,
  unlinkSync,
  writeFileSync,
} from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import process from "node:process";
import { describe, it } from "node:test";
import {
  type Address,
  AddressInUseError,
  AddressNotAvailableError,
  ConnectionRefusedError,
  ConnectionResetError,
  encodeProxyHeader,
  InvalidAddressError,
  InvalidOptionError,
  ListenError,
  MessageResult,
  parseAddress,
  PermissionDeniedError,
  type Reactor,
  type ReactRuntime,
  type SocketAddress,
  type TcpListenerHandler,
  UNKNOWN_ADDRESS,
  UnsupportedTransportError,
} from "../../mod.ts";
import { BlackHoleListener } from "./children.ts";
import { openPair, serve, watched } from "./peers.ts";
import { echo, quietly, sink, withRuntime } from "./support.ts";
import type { UnixEnvironment } from "./unix_environment.ts";

/** The id of the unprivileged user. */
const NOBODY = 65534;

const handler: TcpListenerHandler = {
  onNewConnection: () => ({ reactor: echo() }),
};

/** How Unix sockets differ from TCP. */
export function unixPromises(environment: UnixEnvironment): void {
  const { adapter, connectPeer, dropped, sleep } = environment;
  describe(`${adapter.name}: a Unix socket`, () => {
    // In Bun's node:net, a reset after bytes counts as EOF.
    const tellsResets = adapter.name !== "node" || !("Bun" in globalThis);
    for (const hasEnded of tellsResets ? [false, true] : []) {
      const what = hasEnded ? "ended" : "not ended";
      it(`of a peer that closes with unread data is lost, to an end that has ${what}, behind what came before`, () =>
        withRuntime(adapter, {}, async (runtime) => {
          const heard: number[] = [];
          const pausing: Partial<Reactor> = {
            onConnected: (ctx) => ctx.pauseReading(),
            onPeerEnd() {},
          };
          const { server, serverCtx, clientCtx } = await openPair(
            environment,
            runtime,
            {
              ...pausing,
              onInboundMessage(buf) {
                heard.push(...buf);
                return MessageResult.dropMsgSize(buf.length);
              },
            },
            pausing,
          );
          serverCtx.sendOrQueue(Uint8Array.of(4, 5));
          if (hasEnded) serverCtx.end();
          await sleep(20);
          clientCtx.sendOrQueue(Uint8Array.of(1, 2, 3));
          await sleep(20);
          clientCtx.abort();
          await sleep(20);
          if (!server.calls.includes("onClose")) serverCtx.resumeReading();
          assert.ok(await server.closed instanceof ConnectionResetError);
          assert.ok(!server.calls.includes("onPeerEnd"));
          if (heard.length > 0) assert.deepEqual(heard, [1, 2, 3]);
        }));
    }

    it("has the address that was asked for; a connecting end has none", () =>
      withRuntime(adapter, {}, async (runtime) => {
        const address = pathOf(environment.anyPort);
        const { address: bound } = await runtime.listen(address, {
          onNewConnection: () => ({ reactor: server.reactor }),
        });
        const server = watched();
        const client = watched();
        const handle = await runtime.connect(address, client.reactor);
        const { socket } = await server.connected;
        assert.deepEqual(bound, address);
        assert.deepEqual(socket.localAddress, address);
        assert.deepEqual(socket.remoteAddress, UNKNOWN_ADDRESS);
        assert.deepEqual(handle.remoteAddress, address);
        assert.deepEqual(handle.localAddress, UNKNOWN_ADDRESS);
      }));

    it('is where a proxy is trusted that comes by "unix", and no other', () =>
      quietly(() =>
        withRuntime(adapter, {}, async (runtime) => {
          for (
            const [origin, count] of [["unix", 0], ["127.0.0.1", 1]] as const
          ) {
            const address = pathOf(environment.anyPort);
            const clients: (SocketAddress | undefined)[] = [];
            const listener = await runtime.listen(address, {
              onNewConnection(_listener, { remoteAddress, proxy }) {
                clients.push(remoteAddress, proxy?.peerAddress);
                return { reactor: echo() };
              },
            }, { proxyProtocol: { trusted: [origin] } });
            const peer = await connectPeer(address);
            const source = "203.0.113.7:1";
            const header = encodeProxyHeader({
              version: 2,
              source,
              destination: source,
            });
            peer.send(Uint8Array.of(...header, 1));
            await Promise.race([peer.has(1), peer.ended, peer.closed]);
            assert.equal(listener.dropCounts.proxyUntrusted, count);
            const expected = [parseAddress(source), UNKNOWN_ADDRESS];
            assert.deepEqual(clients, count === 0 ? expected : []);
            peer.destroy();
            await listener.close();
          }
        })
      ));

    it("takes the options of TCP, to no effect", () =>
      withRuntime(adapter, { noDelay: true, keepAlive: true }, async (
        runtime,
      ) => {
        const { serverCtx, clientCtx } = await openPair(environment, runtime);
        for (const { socket } of [serverCtx, clientCtx]) {
          socket.setNoDelay(false);
          socket.setKeepAlive(true);
        }
      }));

    it("has peers without addresses, which maxConnectionsPerAddress does not limit", () =>
      withRuntime(adapter, {}, async (runtime) => {
        const { address } = await runtime.listen(
          environment.anyPort,
          handler,
          { maxConnectionsPerAddress: 1 },
        );
        for (let i = 0; i < 3; i++) {
          const peer = await connectPeer(address);
          peer.write(1);
          await peer.has(1);
        }
        assert.equal(runtime.connectionCount, 3);
      }));

    it("is not shared: reusePort fails with ListenError", () =>
      withRuntime(adapter, {}, async (runtime) => {
        await assert.rejects(
          runtime.listen(environment.anyPort, handler, { reusePort: true }),
          (error) =>
            error instanceof ListenError && /reusePort/.test(error.message),
        );
      }));

    it("is in use while somebody listens, and free once that is closed, stopped or accepts no more", () =>
      withRuntime(adapter, {}, async (runtime) => {
        const { anyPort } = environment;
        for (const end of ["close", "stopAccepting"] as const) {
          const listener = await runtime.listen(anyPort, handler);
          await assert.rejects(
            runtime.listen(anyPort, handler),
            AddressInUseError,
          );
          const peer = await connectPeer(listener.address);
          peer.write(1);
          await peer.has(1);
          await listener[end]();
          await assert.rejects(
            runtime.connect(anyPort, sink()),
            ConnectionRefusedError,
          );
          peer.write(2);
          await peer.has(2);
        }
        await withRuntime(adapter, {}, async (other) => {
          await other.listen(anyPort, handler);
        });
        await runtime.listen(anyPort, handler);
      }));

    it("drops what comes beyond maxConnections", () =>
      withRuntime(adapter, {}, async (runtime) => {
        const listener = await runtime.listen(environment.anyPort, handler, {
          maxConnections: 1,
        });
        const peer = await connectPeer(listener.address);
        peer.write(1);
        await peer.has(1);
        await dropped(listener.address);
        assert.equal(listener.dropCounts.maxConnections, 1);
      }));

    it("with a line end in its path has errors of one line", () =>
      withRuntime(adapter, {}, async (runtime) => {
        const address = `${environment.anyPort}\n\x1b[2J`;
        await assert.rejects(
          runtime.connect(address, sink()),
          (error) =>
            error instanceof ConnectionRefusedError &&
            error.message.includes("\\n\\u{1b}[2J: nobody listens there"),
        );
        await runtime.listen(address, handler);
        await assert.rejects(
          runtime.listen(address, handler),
          (error) =>
            error instanceof AddressInUseError && !/\n/.test(error.message),
        );
      }));

    it("where nothing ever listened refuses with ConnectionRefusedError", () =>
      withRuntime(adapter, {}, async (runtime) => {
        const { anyPort } = environment;
        await assert.rejects(
          runtime.connect(anyPort, sink()),
          (error) =>
            error instanceof ConnectionRefusedError &&
            error.message.includes(anyPort),
        );
      }));

    it("may have a path of 107 bytes, and with more is refused with InvalidAddressError, which names the limit", () =>
      withRuntime(adapter, {}, async (runtime) => {
        const { folder } = environment;
        const longest = `${folder}/${"x".repeat(106 - folder.length)}`;
        await runtime.listen(`unix:${longest}`, handler);
        const peer = await connectPeer(pathOf(`unix:${longest}`));
        peer.write(1);
        await peer.has(1);
        for (const path of [`${longest}x`, longest.replace(/x$/, "ü")]) {
          const isRefused = (error: unknown) =>
            error instanceof InvalidAddressError &&
            /108 bytes/.test(error.message) && /107/.test(error.message);
          await assert.rejects(
            runtime.listen(`unix:${path}`, handler),
            isRefused,
          );
          await assert.rejects(
            runtime.connect({ transport: "unix", path }, sink()),
            isRefused,
          );
        }
      }));

    it("has permissions in a file only: elsewhere a mode is refused with InvalidOptionError, and so is one that is none", () =>
      withRuntime(adapter, {}, async (runtime) => {
        for (const address of ["unix:@reactio", "127.0.0.1:0"]) {
          await assert.rejects(
            runtime.listen(address, handler, { mode: 0o600 }),
            (error) =>
              error instanceof InvalidOptionError &&
              /mode 0o600/.test(error.message) &&
              error.message.includes(address),
          );
        }
        for (const mode of [-1, 0o1000, 0.5, "600", NaN]) {
          await assert.rejects(
            runtime.listen(environment.anyPort, handler, {
              mode: mode as number,
            }),
            InvalidOptionError,
          );
        }
      }));

    if (adapter.unixPaths?.includes("abstract")) {
      it("may have an abstract name, which is in no folder", () =>
        withRuntime(adapter, {}, async (runtime) => {
          const name = `unix:@reactio/${process.pid}`;
          const listener = await runtime.listen(name, handler);
          assert.deepEqual(listener.address, pathOf(name));
          await assert.rejects(
            runtime.listen(name, handler),
            AddressInUseError,
          );
          const client = watched();
          const handle = await runtime.connect(name, client.reactor);
          await client.connected;
          assert.deepEqual(handle.remoteAddress, listener.address);
          await listener.close();
          await assert.rejects(
            runtime.connect(name, sink()),
            ConnectionRefusedError,
          );
        }));
    }

    for (const kind of ["abstract", "pipe"] as const) {
      if (adapter.unixPaths?.includes(kind)) continue;
      it(`of a kind that the system does not have (${kind}) is refused with UnsupportedTransportError`, () =>
        withRuntime(adapter, {}, async (runtime) => {
          const address = {
            abstract: "unix:@reactio",
            pipe: "unix:\\\\.\\pipe\\reactio",
          }[kind];
          for (
            const refused of [
              runtime.listen(address, handler),
              runtime.connect(address, sink()),
            ]
          ) {
            await assert.rejects(
              refused,
              (error) =>
                error instanceof UnsupportedTransportError &&
                error.message.includes(address) &&
                error.message.includes(adapter.name),
            );
          }
        }));
    }
  });
}

/** What happens to the files of Unix sockets. */
export function unixFilePromises(environment: UnixEnvironment): void {
  const { adapter, connectPeer, eventually, folder } = environment;
  const inFolder = () => readdirSync(folder);

  /** Leaves a stale socket file at `path`, as a killed server does. */
  async function leaveStale(path: string): Promise<void> {
    const elsewhere = `${path}.open`;
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(elsewhere, resolve));
    renameSync(elsewhere, path);
    await new Promise((resolve) => server.close(resolve));
  }

  describe(`${adapter.name}: the file of a Unix socket`, () => {
    it("is there while somebody listens, and nothing beside it", () =>
      withRuntime(adapter, {}, async (runtime) => {
        const { path } = pathOf(environment.anyPort);
        const listener = await runtime.listen(`unix:${path}`, handler);
        assert.ok(lstatSync(path).isSocket());
        assert.equal(inFolder().length, 1);
        await listener.close();
        assert.deepEqual(inFolder(), []);
      }));

    for (
      const [way, end] of Object.entries<(runtime: ReactRuntime) => unknown>({
        stop: (runtime) => runtime.stop(),
        drain: (runtime) => runtime.stop({ drainMs: 10, graceMs: 10 }),
      })
    ) {
      it(`is removed by ${way}`, () =>
        withRuntime(adapter, {}, async (runtime) => {
          await serve(environment, runtime, () => echo());
          assert.equal(inFolder().length, 1);
          await end(runtime);
          assert.deepEqual(inFolder(), []);
        }));
    }

    it("has the mode that is asked for, and else what the umask leaves", () =>
      withRuntime(adapter, {}, async (runtime) => {
        const modeOf = async (mode?: number) => {
          const { path } = pathOf(environment.anyPort);
          await runtime.listen(`unix:${path}`, handler, { mode });
          return lstatSync(path).mode & 0o777;
        };
        for (const mode of [0o600, 0o660, 0o777, 0]) {
          assert.equal(await modeOf(mode), mode);
        }
        assert.equal(await modeOf(), 0o777 & ~process.umask());
      }));

    it("never exists with another mode, however long binding takes", () =>
      withRuntime(adapter, {}, async (runtime) => {
        const { path } = pathOf(environment.anyPort);
        await leaveStale(path); // which takes a while to find out
        const listening = runtime.listen(`unix:${path}`, handler, {
          mode: 0o600,
        });
        const [hidden] = inFolder().filter((name) => name.startsWith("."));
        assert.equal(lstatSync(join(folder, hidden)).mode & 0o777, 0o700);
        await listening;
        assert.equal(lstatSync(path).mode & 0o777, 0o600);
      }));

    it("is replaced if no process has it open", () =>
      withRuntime(adapter, {}, async (runtime) => {
        const { path } = pathOf(environment.anyPort);
        await leaveStale(path);
        await assert.rejects(
          runtime.connect(`unix:${path}`, sink()),
          ConnectionRefusedError,
        );
        const { address } = await runtime.listen(`unix:${path}`, handler);
        const peer = await connectPeer(address);
        peer.write(1);
        await peer.has(1);
      }));

    it("is replaced by a process that stood still as it looked whether another has it open", () =>
      withRuntime(adapter, {}, async (runtime) => {
        const { path } = pathOf(environment.anyPort);
        await leaveStale(path);
        // On Deno, timers come before sockets then.
        await new Promise((resolve) => setImmediate(resolve));
        const listening = runtime.listen(`unix:${path}`, handler);
        for (let i = 0; i < 10; i++) await null; // it begins to look
        environment.blockEventLoop(1200);
        await listening;
      }));

    it("is taken by only one of several listeners at once", () =>
      withRuntime(adapter, {}, async (runtime) => {
        for (const isStale of [false, true]) {
          const { path } = pathOf(environment.anyPort);
          if (isStale) await leaveStale(path);
          const results = await Promise.allSettled(
            [1, 2, 3].map(() => runtime.listen(`unix:${path}`, handler)),
          );
          const won = results.filter(({ status }) => status === "fulfilled");
          assert.equal(won.length, 1);
          for (const result of results) {
            if (result.status === "fulfilled") continue;
            assert.ok(result.reason instanceof AddressInUseError);
          }
        }
      }));

    it("of another server counts as in use and stays", async () => {
      const { path } = pathOf(environment.anyPort);
      const server = createServer((socket) => socket.destroy());
      await new Promise<void>((resolve) => server.listen(path, resolve));
      await withRuntime(adapter, {}, async (runtime) => {
        await assert.rejects(
          runtime.listen(`unix:${path}`, handler),
          (error) =>
            error instanceof AddressInUseError &&
            error.message.includes(path),
        );
        assert.ok(existsSync(path));
      });
      await new Promise((resolve) => server.close(resolve));
    });

    it("of a server whose queue is full counts as in use and stays", async () => {
      const { path } = pathOf(environment.anyPort);
      const busy = await BlackHoleListener.open(path);
      await withRuntime(adapter, {}, async (runtime) => {
        await assert.rejects(
          runtime.listen(`unix:${path}`, handler),
          AddressInUseError,
        );
        assert.ok(existsSync(path));
      });
      await busy.close();
    });

    it("that is not a socket counts as in use and stays", () =>
      withRuntime(adapter, {}, async (runtime) => {
        const { path } = pathOf(environment.anyPort);
        writeFileSync(path, "mine");
        await assert.rejects(
          runtime.listen(`unix:${path}`, handler),
          (error) =>
            error instanceof AddressInUseError &&
            /not a socket/.test(error.message),
        );
        assert.ok(lstatSync(path).isFile());
        unlinkSync(path);
      }));

    it("that was put in its place stays when the listener is closed", () =>
      withRuntime(adapter, {}, async (runtime) => {
        const { path } = pathOf(environment.anyPort);
        const listener = await runtime.listen(`unix:${path}`, handler);
        unlinkSync(path);
        const other = await runtime.listen(`unix:${path}`, handler);
        await listener.close();
        const peer = await connectPeer(other.address);
        peer.write(1);
        await peer.has(1);
        await other.close();
        assert.deepEqual(inFolder(), []);
      }));

    it("in a folder that is missing, or no folder, cannot be made: AddressNotAvailableError", () =>
      withRuntime(adapter, {}, async (runtime) => {
        writeFileSync(join(folder, "file"), "");
        for (const path of ["missing/x.sock", "file/x.sock"]) {
          await assert.rejects(
            runtime.listen(`unix:${folder}/${path}`, handler),
            (error) =>
              error instanceof AddressNotAvailableError &&
              error.message.includes(path),
          );
        }
        await assert.rejects(
          runtime.connect(`unix:${folder}/file/x.sock`, sink()),
          ConnectionRefusedError,
        );
        unlinkSync(join(folder, "file"));
      }));

    it("in a folder whose path is too long fails with ListenError", () =>
      withRuntime(adapter, {}, async (runtime) => {
        const deep = join(folder, "x".repeat(103 - folder.length));
        mkdirSync(deep);
        await assert.rejects(
          runtime.listen(`unix:${deep}/x`, handler),
          (error) =>
            error instanceof ListenError && /too long/.test(error.message),
        );
        rmdirSync(deep);
      }));

    it("that is not permitted fails with PermissionDeniedError, to connect and to listen", () =>
      withRuntime(adapter, {}, async (runtime) => {
        const { path } = pathOf(environment.anyPort);
        await runtime.listen(`unix:${path}`, handler, { mode: 0 });
        chmodSync(folder, 0o555);
        await asNobody(async () => {
          await assert.rejects(
            runtime.connect(`unix:${path}`, sink()),
            PermissionDeniedError,
          );
          await assert.rejects(
            runtime.listen(environment.anyPort, handler),
            PermissionDeniedError,
          );
        });
        chmodSync(folder, 0o700);
      }));

    it("leaves nothing behind if the runtime is stopped during the listen", () =>
      withRuntime(adapter, {}, async (runtime) => {
        const { path } = pathOf(environment.anyPort);
        await leaveStale(path);
        const listening = runtime.listen(`unix:${path}`, handler);
        listening.catch(() => {});
        await runtime.stop();
        await assert.rejects(listening);
        await eventually(() => inFolder().length === 0, "nothing is left");
      }));
  });
}

/** Runs `body` as an unprivileged user; root is permitted everything. */
async function asNobody(body: () => Promise<void>): Promise<void> {
  const isRoot = process.getuid?.() === 0;
  if (isRoot) process.seteuid?.(NOBODY);
  try {
    await body();
  } finally {
    if (isRoot) process.seteuid?.(0);
  }
}

/** Parses `text`, which is `unix:…`. */
function pathOf(text: string): Extract<Address, { transport: "unix" }> {
  return { transport: "unix", path: text.slice("unix:".length) };
}
