import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  type Address,
  type Asker,
  type CommandOf,
  DefaultTcpListenerHandler,
  defineReactors,
  type DispatchContext,
  MessageResult,
  type Reactor,
  type ReactorThread,
  type ReactorThreads,
  type ReactorUID,
  ThreadedReactorMgr,
} from "../../mod.ts";
import { echo, sink } from "../conformance/support.ts";
import { holds, type Same } from "../support/types.ts";

class Counter {
  count = 0;

  add(by: number, _from: Asker): number {
    return this.count += by;
  }

  read(): Promise<{ count: number }> {
    return Promise.resolve({ count: this.count });
  }
}

const services = {
  counter: () => new Counter(),
  length: () => (text: string) => text.length,
  nothing: (_thread: ReactorThreads) => () => {},
};

/** A reactor that takes strings, and calls services by their types. */
class Client implements Reactor<string, number> {
  readonly #thread: ReactorThread<string, { services: typeof services }>;

  constructor(thread: ReactorThread<string, { services: typeof services }>) {
    this.#thread = thread;
  }

  onInboundMessage(buf: Uint8Array): MessageResult {
    return MessageResult.dropMsgSize(buf.length);
  }

  async onCommand(cmd: string): Promise<number> {
    return await this.#thread.ask(0, "length", cmd);
  }
}

class Server implements Reactor<{ readonly stop: boolean }> {
  onInboundMessage(buf: Uint8Array, ctx: DispatchContext): MessageResult {
    ctx.sendOrQueue(buf);
    return MessageResult.dropMsgSize(buf.length);
  }

  onCommand(_cmd: { readonly stop: boolean }): void {}
}

const reactors = defineReactors({
  services,
  reactors: {
    client: (
      _param: undefined,
      thread: ReactorThread<string, { services: typeof services }>,
    ) => new Client(thread),
    other: (_param: { index: number }, thread) => {
      void thread.ask("main", "anything", { of: "any kind" });
      return echo<boolean>();
    },
  },
  listeners: {
    server: () => new DefaultTcpListenerHandler(() => new Server()),
    untyped: () => new DefaultTcpListenerHandler(() => echo()),
  },
});

type Threads = ThreadedReactorMgr<typeof reactors>;

describe("the types of listeners", () => {
  it("of all threads are of TCP where the address is", () => {
    const check = async (threads: Threads, port: number, address: string) => {
      const given = await threads.listenAll(`0.0.0.0:${port}`, "untyped");
      holds<Same<typeof given.address.port, number>>(true);
      const any = await threads.listenAll(address, "untyped");
      holds<Same<typeof any.address, Address>>(true);
    };
    assert.equal(check.length, 3);
  });
});

describe("the types of services", () => {
  it("are known to the asker: names, parameters and answers", () => {
    // Never called: only its types are checked.
    const check = async (threads: Threads) => {
      const added = await threads.ask(0, "counter.add", 5);
      holds<Same<typeof added, number>>(true);
      const read = await threads.ask("main", "counter.read");
      holds<Same<typeof read, { count: number }>>(true);
      const length = await threads.ask(1, "length", "text", { timeoutMs: 10 });
      holds<Same<typeof length, number>>(true);
      await threads.ask(1, "nothing");
      // @ts-expect-error -- the parameter is missing
      void threads.ask(0, "counter.add");
      // @ts-expect-error -- the parameter is wrong
      void threads.ask(0, "length", 5);
      // @ts-expect-error -- it is an object of functions
      void threads.ask(0, "counter", 5);
      // @ts-expect-error -- that is no function
      void threads.ask(0, "counter.count");
      // @ts-expect-error -- there is no such service
      void threads.ask(0, "nobody");
      // @ts-expect-error -- there is no such thread
      void threads.ask("other", "nothing");
      // @ts-expect-error -- there is no such option
      void threads.ask(0, "nothing", undefined, { timeout: 5 });
    };
    assert.equal(check.length, 1);
  });

  it("are known to the sender of a message, and so are the results", () => {
    const check = (threads: Threads, { buffer }: Uint8Array<ArrayBuffer>) => {
      const result = threads.tell(0, "counter.add", 5);
      holds<Same<typeof result, "sent" | "full" | "gone">>(true);
      threads.tell("main", "nothing");
      threads.tell(1, "length", "text", { transfer: [buffer] });
      // @ts-expect-error -- the parameter is missing
      threads.tell(0, "counter.add");
      // @ts-expect-error -- the parameter is wrong
      threads.tell(0, "length", 5);
      // @ts-expect-error -- there is no such service
      threads.tell(0, "nobody");
      // @ts-expect-error -- shared memory cannot be moved
      threads.tell(0, "nothing", 1, { transfer: [new SharedArrayBuffer(1)] });
      // @ts-expect-error -- there is no such option
      threads.tell(0, "nothing", undefined, { timeoutMs: 5 });
    };
    assert.equal(check.length, 2);
  });

  it("need not be known: then the asker states the type of the answer", () => {
    const check = async (
      threads: ThreadedReactorMgr,
      thread: ReactorThread,
    ) => {
      const unknown = await threads.ask(0, "any", { any: "thing" });
      holds<Same<typeof unknown, unknown>>(true);
      const number: number = await thread.ask<number>("main", "any");
      thread.tell("main", "any", { any: "thing" });
      return number;
    };
    assert.equal(check.length, 2);
  });

  it("of a module without services allow no question", () => {
    const module = defineReactors({ reactors: { sink: () => sink() } });
    const check = (threads: ThreadedReactorMgr<typeof module>) => {
      // @ts-expect-error -- it has none
      void threads.ask(0, "any");
    };
    assert.equal(check.length, 1);
  });

  it("of the main thread get no runtime, since it has none", () => {
    const check = () =>
      ThreadedReactorMgr.start<typeof reactors>({
        threads: 1,
        module: "file:///none.ts",
        services: {
          ...services,
          // @ts-expect-error -- it needs a thread with a runtime
          runtime: (thread: ReactorThread) => () => thread.runtimeId,
        },
      });
    assert.equal(check.length, 0);
  });
});

describe("the types of commands", () => {
  it("of a module are those of its reactors and of the reactors of its listeners, if they are known", () => {
    holds<
      Same<
        CommandOf<typeof reactors>,
        string | boolean | { readonly stop: boolean }
      >
    >(true);
    const untyped = defineReactors({ reactors: { sink: () => sink() } });
    holds<Same<CommandOf<typeof untyped>, unknown>>(true);
    assert.deepEqual(Object.keys(untyped), ["reactors"]);
  });

  it("are those of the target, where its type is known", () => {
    const check = (threads: Threads, uid: ReactorUID) => {
      const sender = threads.getCmdSender(0);
      sender.sendConnect("a:1", "client", undefined, {
        completion(result) {
          if (!result.ok) return;
          sender.sendUserCmd(result.reactorId, "text", {
            completion: (result) =>
              result.ok && holds<Same<typeof result.value, number>>(true),
          });
          // @ts-expect-error -- the client takes strings
          sender.sendUserCmd(result.reactorId, true);
        },
      });
      const named = threads.findByName<{ readonly stop: boolean }>("server");
      if (named === undefined) return;
      sender.sendUserCmd(named.reactorId, { stop: true });
      // @ts-expect-error -- the named reactor takes no strings
      sender.sendUserCmd(named.reactorId, "text");
      // Nothing is known about this one: it may be any reactor of the module.
      sender.sendUserCmd(uid.reactorId, "text");
      sender.sendUserCmd(uid.reactorId, { stop: true });
      // @ts-expect-error -- no reactor of the module takes that
      sender.sendUserCmd(uid.reactorId, { start: true });
    };
    assert.equal(check.length, 2);
  });
});
