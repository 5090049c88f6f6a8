// Every call of the host may throw. Here each does, in turn, on both ends of a
// connection: it costs that connection at most.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  type Address,
  ConnectError,
  ConnectionResetError,
  DefaultTcpListenerHandler,
  Deferred,
  hostAdapter,
  ListenError,
  MessageResult,
  PermissionDeniedError,
  ReactioError,
  type Reactor,
  type ReactRuntime,
} from "../../mod.ts";
import { serve, watched, type WatchedReactor } from "../conformance/peers.ts";
import { realEnvironment } from "../conformance/real_environment.ts";
import { quietly, withRuntime } from "../conformance/support.ts";
import { failing, plantFault, plantListenerFault } from "./planted_faults.ts";

/** What is set, asked or closed: without effect if it throws. */
const HARMLESS = {
  deno: ["setNoDelay", "setKeepAlive", "localAddr", "remoteAddr"],
  bun: ["setNoDelay", "setKeepAlive", "localAddress", "localPort"],
  node: ["setNoDelay", "setKeepAlive", "getsockname", "getpeername"],
}[hostAdapter().name] as string[];

/** What a connection cannot do without. */
const VITAL = {
  deno: ["read", "write", "closeWrite"],
  bun: ["write", "pause", "resume", "shutdown"],
  node: ["writeBuffer", "end", "readStart", "readStop", "useUserBuffer"],
}[hostAdapter().name] as string[];

/** What ends a connection by force, or when both ends are done with it. */
const ENDS = {
  deno: ["close"],
  bun: ["close", "terminate"],
  node: ["resetAndDestroy"],
}[hostAdapter().name] as string[];

const environment = realEnvironment(hostAdapter());

/** Uses all that there is of a socket, and then does `end`, or leaves that to its peer. */
function busy(end?: "close" | "abort"): Reactor {
  return {
    onConnected(ctx) {
      const { socket } = ctx;
      assert.match(socket.localAddress.transport, /^(tcp|unknown)$/);
      assert.match(socket.remoteAddress.transport, /^(tcp|unknown)$/);
      for (const on of [false, true]) {
        socket.setNoDelay(on);
        socket.setKeepAlive(on);
      }
      ctx.pauseReading();
      ctx.sendOrQueue(new Uint8Array(3));
      ctx.cmdSender.sendUserCmd(ctx.id, undefined, {
        deferred: Deferred.after(5),
      });
    },
    onCommand: (_cmd, ctx) => ctx.resumeReading(),
    onInboundMessage(buf, ctx) {
      if (end !== undefined && buf.length === 3) ctx[end]();
      return MessageResult.dropMsgSize(buf.length === 3 ? 3 : 0);
    },
  };
}

/** A listener whose connections have busy ends. */
class Fixture {
  readonly #runtime: ReactRuntime;
  readonly #address: Address;
  readonly #servers: WatchedReactor<unknown>[];

  private constructor(
    runtime: ReactRuntime,
    address: Address,
    servers: WatchedReactor<unknown>[],
  ) {
    this.#runtime = runtime;
    this.#address = address;
    this.#servers = servers;
  }

  static async open(runtime: ReactRuntime): Promise<Fixture> {
    const servers: WatchedReactor<unknown>[] = [];
    const address = await serve(environment, runtime, () => {
      servers.push(watched(busy()));
      return servers.at(-1)!.reactor;
    });
    return new Fixture(runtime, address, servers);
  }

  /** Opens a connection of which one end does `end`; resolves to why each of its ends was closed. */
  async serveOne(end: "close" | "abort"): Promise<(Error | undefined)[]> {
    const client = watched(busy(end));
    const reasons: (Error | undefined)[] = [];
    try {
      await this.#runtime.connect(this.#address, client.reactor);
      reasons.push(await client.closed);
    } catch (error) {
      assert.ok(error instanceof ConnectError, String(error));
      reasons.push(error);
    }
    for (const server of this.#servers.splice(0)) {
      reasons.push(await server.closed);
    }
    return reasons;
  }

  /** Fails unless the next connection is served as if nothing had been. */
  async servesOn(): Promise<void> {
    const reasons = await this.serveOne("close");
    assert.deepEqual(reasons, [undefined, undefined]);
  }
}

describe("a call of the host that throws", () => {
  for (const name of HARMLESS) {
    it(`does no harm if it is ${name}`, () =>
      withRuntime(environment.adapter, {}, async (runtime) => {
        const fault = await plantFault(name, new Error("no"));
        await (await Fixture.open(runtime)).servesOn();
        assert.ok(fault.count > 0, "it has thrown");
        fault[Symbol.dispose]();
      }));
  }

  for (const name of VITAL) {
    for (const late of [false, true]) {
      const when = late ? ", though it is carried out" : "";
      it(`ends its own connection, by a typed reason, if it is ${name}${when}`, () =>
        quietly(() =>
          withRuntime(environment.adapter, {}, async (runtime) => {
            const error = new Error("no");
            const fault = await plantFault(name, error, late);
            const fixture = await Fixture.open(runtime);
            const reasons = await fixture.serveOne("close");
            fault[Symbol.dispose]();
            assert.ok(fault.count > 0, "it has thrown");
            assert.ok(
              reasons.some((reason) => reason?.cause === error),
              String(reasons),
            );
            for (const reason of reasons) {
              assert.ok(
                reason === undefined || reason instanceof ReactioError,
                String(reason),
              );
            }
            await fixture.servesOn();
          })
        ));
    }
  }

  for (const name of ENDS) {
    it(`leaves the connection closed if it is ${name}`, () =>
      quietly(() =>
        withRuntime(environment.adapter, {}, async (runtime) => {
          const fault = await plantFault(name, new Error("no"), true);
          const fixture = await Fixture.open(runtime);
          for (const end of ["close", "abort"] as const) {
            for (const reason of await fixture.serveOne(end)) {
              assert.ok(
                reason === undefined || reason instanceof ConnectionResetError,
                String(reason),
              );
            }
          }
          fault[Symbol.dispose]();
          assert.ok(fault.count > 0, "it has thrown");
          await fixture.servesOn();
        })
      ));
  }

  const errors = [
    [new Error("no"), ConnectError, ListenError],
    [
      Object.assign(new Error("no"), { code: "ERR_ACCESS_DENIED" }),
      PermissionDeniedError,
      PermissionDeniedError,
    ],
  ] as const;
  for (const [error, FailedConnect, FailedListen] of errors) {
    it(`fails a connect or a listen with ${FailedConnect.name} or ${FailedListen.name}, and nothing else`, () =>
      withRuntime(environment.adapter, {}, async (runtime) => {
        const fixture = await Fixture.open(runtime);
        const handler = new DefaultTcpListenerHandler(() => busy());
        const connectFault = failing("connect", error);
        const listenFault = failing("listen", error);
        try {
          await assert.rejects(
            runtime.connect("127.0.0.1:1", busy()),
            (failure: Error) =>
              failure instanceof FailedConnect && failure.cause === error,
          );
          await assert.rejects(
            runtime.listen("127.0.0.1:0", handler),
            (failure: Error) =>
              failure instanceof FailedListen && failure.cause === error,
          );
        } finally {
          listenFault[Symbol.dispose]();
          connectFault[Symbol.dispose]();
        }
        await fixture.servesOn();
      }));
  }

  it("leaves the listener closed if it closes that", () =>
    withRuntime(environment.adapter, {}, async (runtime) => {
      const handler = new DefaultTcpListenerHandler(() => busy());
      const fault = await plantListenerFault("close", new Error("no"), true);
      const id = await runtime.listen("127.0.0.1:0", handler);
      const address = id.address;
      await new Promise((completion) =>
        runtime.cmdSender.sendClose(id, { completion })
      );
      fault[Symbol.dispose]();
      assert.equal(fault.count, 1);
      await runtime.listen(address, handler);
    }));

  it("fails the listen if it asks where that is, and the port is free again", () =>
    withRuntime(environment.adapter, {}, async (runtime) => {
      const handler = new DefaultTcpListenerHandler(() => busy());
      const id = await runtime.listen("127.0.0.1:0", handler);
      const address = id.address;
      await new Promise((completion) =>
        runtime.cmdSender.sendClose(id, { completion })
      );
      const fault = await plantListenerFault("address", new Error("no"));
      await assert.rejects(runtime.listen(address, handler), ListenError);
      fault[Symbol.dispose]();
      assert.equal(fault.count, 1);
      await runtime.listen(address, handler);
    }));
});
