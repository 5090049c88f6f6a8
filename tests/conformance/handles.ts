import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  type CommandResult,
  ConnectionRefusedError,
  DefaultTcpListenerHandler,
  type ListenerContext,
  type ReactorID,
  RuntimeStoppedError,
  SendOrQueueResult,
} from "../../mod.ts";
import type { Environment } from "./environment.ts";
import { openPair, serve, watched } from "./peers.ts";
import {
  echo,
  logging,
  PeerLines,
  signal,
  sink,
  withRuntime,
} from "./support.ts";

export function handlePromises(environment: Environment): void {
  connectionHandles(environment);
  listenerHandles(environment);
  contextsOfClosed(environment);
}

function connectionHandles(environment: Environment): void {
  const { adapter } = environment;
  describe(`${adapter.name}: the handle of a connection`, () => {
    it("has its id and both addresses, even once it is closed", () =>
      withRuntime(adapter, {}, async (runtime) => {
        const address = await serve(environment, runtime, () => echo());
        const client = watched();
        const handle = await runtime.connect(address, client.reactor);
        const { id, socket } = await client.connected;
        const told = () => [
          handle.id,
          handle.localAddress,
          handle.remoteAddress,
        ];
        const before = told();
        assert.deepEqual(before, [id, socket.localAddress, address]);
        await handle.close();
        assert.deepEqual(told(), before);
      }));

    it("close, a second close and abort resolve after onClose; whenClosed resolves to the reason", () =>
      withRuntime(adapter, {}, async (runtime) => {
        for (const way of ["close", "abort"] as const) {
          const address = await serve(environment, runtime, () => echo());
          const client = watched();
          const handle = await runtime.connect(address, client.reactor);
          const reason = new Error(way);
          const first = handle[way](reason);
          const second = handle.close(new Error("too late"));
          await Promise.race([first, second]);
          assert.equal(client.calls.at(-1), "onClose");
          await Promise.all([first, second, handle.abort()]);
          assert.equal(await handle.whenClosed, reason);
          assert.equal(await client.closed, reason);
        }
      }));

    it("whenClosed resolves to nothing when the peer closes gracefully", () =>
      withRuntime(adapter, {}, async (runtime) => {
        const server = watched();
        const address = await serve(environment, runtime, () => server.reactor);
        const handle = await runtime.connect(address, sink());
        (await server.connected).close();
        assert.equal(await handle.whenClosed, undefined);
      }));

    it("close resolves when a stop closes it first, also for who asks afterwards", () =>
      withRuntime(adapter, {}, async (runtime) => {
        const address = await serve(environment, runtime, () => sink());
        const handle = await runtime.connect(address, sink());
        const other = await runtime.connect(address, sink());
        const stopped = runtime.stop();
        await handle.close();
        await stopped;
        await other.close();
        for (const { whenClosed } of [handle, other]) {
          assert.ok(await whenClosed instanceof RuntimeStoppedError);
        }
      }));

    it("an ordinary shutdown logs nothing: a close by command or handle, then a stop", async () => {
      const log = new PeerLines();
      await logging(
        log.sink,
        () =>
          withRuntime(adapter, {}, async (runtime) => {
            const address = await serve(environment, runtime, () => sink());
            const [one, two] = [
              await runtime.connect(address, sink()),
              await runtime.connect(address, sink()),
            ];
            runtime.cmdSender.sendClose(one);
            void two.close();
            await runtime.stop();
            runtime.cmdSender.sendClose(one);
            await two.close();
          }),
      );
      assert.deepEqual(log.lines, []);
    });

    it("can be passed where an id is expected, as can a context", () =>
      withRuntime<string>(adapter, {}, async (runtime) => {
        const heard: string[] = [];
        const address = await serve(environment, runtime, () => sink<string>());
        const client = watched<string>({
          onCommand: (cmd) => void heard.push(cmd),
        });
        const handle = await runtime.connect(address, client.reactor);
        const { cmdSender } = runtime;
        for (const target of [handle, await client.connected, handle.id]) {
          const result = await new Promise<CommandResult>((completion) =>
            cmdSender.sendUserCmd(target, "hello", { completion })
          );
          assert.deepEqual(result, { ok: true, reactorId: handle.id });
        }
        assert.deepEqual(heard, ["hello", "hello", "hello"]);
        cmdSender.sendClose(handle);
        assert.equal(await client.closed, undefined);
      }));

    it("a target that throws when its id is read fails the command, and the error says why", () =>
      withRuntime<string>(adapter, {}, async (runtime) => {
        const hostile = {
          get id(): ReactorID {
            throw new Error("no id today");
          },
        };
        const { cmdSender } = runtime;
        const results = await Promise.all([
          new Promise<CommandResult>((completion) =>
            cmdSender.sendClose(hostile, { completion })
          ),
          new Promise<CommandResult>((completion) =>
            cmdSender.sendUserCmd(hostile, "?", { completion })
          ),
        ]);
        for (const result of results) {
          assert.ok(!result.ok);
          assert.equal(result.error.name, "InvalidReactorError");
          assert.match(result.error.message, /no id today/);
        }
      }));
  });
}

function listenerHandles(environment: Environment): void {
  const { adapter, anyPort, connectPeer, eventually } = environment;
  describe(`${adapter.name}: the handle of a listener`, () => {
    it("is what its handler gets, and counts the connections that it accepted", () =>
      withRuntime(adapter, {}, async (runtime) => {
        const seen: ListenerContext[] = [];
        const reasons: unknown[] = [];
        const listener = await runtime.listen(anyPort, {
          onStartListen: (it) => void seen.push(it),
          onNewConnection(it) {
            seen.push(it);
            return { reactor: sink() };
          },
          onCloseListen(reason, it) {
            reasons.push(reason);
            seen.push(it);
          },
        });
        const peer = await connectPeer(listener.address);
        await eventually(() => listener.connectionCount === 1, "accepted");
        peer.destroy();
        await eventually(() => listener.connectionCount === 0, "closed");
        const reason = new Error("enough");
        await listener.close(reason);
        await listener.close();
        assert.equal(await listener.whenClosed, reason);
        assert.deepEqual(reasons, [reason]);
        assert.equal(seen.length, 3);
        for (const it of seen) {
          assert.equal(it.id, listener.id);
          assert.equal(it.address, listener.address);
          assert.equal(it.cmdSender, runtime.cmdSender);
        }
      }));

    it("close resolves when the address is free, and leaves connections open", () =>
      withRuntime(adapter, {}, async (runtime) => {
        const handler = new DefaultTcpListenerHandler(() => echo());
        const listener = await runtime.listen(anyPort, handler);
        const peer = await connectPeer(listener.address);
        peer.write(1);
        await peer.has(1);
        await listener.close();
        const again = await runtime.listen(listener.address, handler);
        assert.deepEqual(again.address, listener.address);
        peer.write(2);
        await peer.has(2);
      }));

    it("close resolves when a stop closes it first, also for who asks afterwards", () =>
      withRuntime(adapter, {}, async (runtime) => {
        const handler = new DefaultTcpListenerHandler(() => echo());
        const listener = await runtime.listen(anyPort, handler);
        const other = await runtime.listen(anyPort, handler);
        const stopped = runtime.stop();
        await listener.close();
        await stopped;
        await other.close();
        for (const { whenClosed } of [listener, other]) {
          assert.ok(await whenClosed instanceof RuntimeStoppedError);
        }
      }));

    it("stopAccepting releases the address, keeps the connections, and closes with the last of them", () =>
      withRuntime(adapter, {}, async (runtime) => {
        const closed = signal();
        let isClosed = false;
        const listener = await runtime.listen(anyPort, {
          onNewConnection: () => ({ reactor: echo() }),
          onCloseListen() {
            isClosed = true;
            closed.resolve();
          },
        });
        const { address } = listener;
        const peers = [await connectPeer(address), await connectPeer(address)];
        await eventually(() => listener.connectionCount === 2, "accepted");
        await listener.stopAccepting();
        await listener.stopAccepting();
        await assert.rejects(
          runtime.connect(address, sink()),
          ConnectionRefusedError,
        );
        for (const [i, peer] of peers.entries()) {
          assert.equal(isClosed, false);
          peer.write(1);
          await peer.has(1);
          assert.equal(listener.connectionCount, 2 - i);
          peer.end();
          await peer.closed;
        }
        assert.equal(await listener.whenClosed, undefined);
        await closed.promise;
        assert.equal(runtime.reactorCount, 0);
      }));

    for (const [which, left] of [["accepts", 1], ["refuses", 0]] as const) {
      it(`stopAccepting from the onNewConnection that ${which} the last connection closes it ${left} connections later`, () =>
        withRuntime(adapter, {}, async (runtime) => {
          const calls: string[] = [];
          const listener = await runtime.listen(anyPort, {
            onNewConnection(listener) {
              void listener.stopAccepting();
              if (left === 0) return null;
              return { reactor: sink({ onClose: () => void calls.push("1") }) };
            },
            onCloseListen: () => void calls.push("listener"),
          });
          const peer = await connectPeer(listener.address);
          if (left > 0) {
            await eventually(() => listener.stats().open === 1, "it is open");
            peer.end();
          }
          assert.equal(await listener.whenClosed, undefined);
          assert.deepEqual(calls, [...["1"].slice(0, left), "listener"]);
          peer.destroy();
        }));
    }

    it("stopAccepting without connections closes it", () =>
      withRuntime(adapter, {}, async (runtime) => {
        const handler = new DefaultTcpListenerHandler(() => echo());
        const listener = await runtime.listen(anyPort, handler);
        await listener.stopAccepting();
        assert.equal(await listener.whenClosed, undefined);
        assert.equal(runtime.reactorCount, 0);
      }));
  });
}

function contextsOfClosed(environment: Environment): void {
  const { adapter } = environment;
  describe(`${adapter.name}: the context in onClose`, () => {
    it("has addresses and counts; sends are refused, closing and pausing do nothing, commands work", () =>
      withRuntime<string>(adapter, {}, async (runtime) => {
        const seen = signal<unknown[]>();
        const anew = signal();
        const { clientCtx, serverCtx } = await openPair(
          environment,
          runtime,
          {},
          {
            onClose(reason, ctx) {
              ctx.close(new Error("too late"));
              ctx.abort(new Error("too late"));
              ctx.pauseReading();
              ctx.resumeReading();
              const sent = ctx.sendOrQueue(Uint8Array.of(1));
              const { remoteAddress, localAddress } = ctx.socket;
              ctx.cmdSender.sendConnect(remoteAddress, sink<string>(), {
                completion: ({ ok }) => ok && anew.resolve(),
              });
              seen.resolve([
                reason,
                sent,
                ctx.sendNoQueue(Uint8Array.of(1)),
                ctx.sender.bytesSent,
                localAddress,
                remoteAddress,
              ]);
            },
          },
        );
        const { localAddress, remoteAddress } = clientCtx.socket;
        clientCtx.sendOrQueue(new Uint8Array(5));
        serverCtx.close();
        assert.deepEqual(await seen.promise, [
          undefined,
          SendOrQueueResult.Closed,
          0,
          5,
          localAddress,
          remoteAddress,
        ]);
        await anew.promise;
      }));
  });
}
