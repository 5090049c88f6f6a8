// What only Deno can tell: what the library stands on there, that nothing is
// left behind (no socket, no timer, no pending read), and that all connections
// get their turn.

import { assert, assertEquals, assertRejects } from "@std/assert";
import {
  CommandCancelledError,
  type CommandResult,
  ConnectionRefusedError,
  denoAdapter,
  type DispatchContext,
  hostAdapter,
  INVALID_COMMAND_ID,
  type ListenerHandle,
  MessageResult,
  PermissionDeniedError,
  type Reactor,
  ReactRuntime,
  RuntimeStoppedError,
  type SendResult,
  type TlsListenOptions,
} from "./mod.ts";
import {
  ANY_PORT,
  echo,
  pattern,
  PatternChecker,
  quietly,
  signal,
  sink,
} from "./tests/conformance/support.ts";
import { plantFault } from "./tests/adapters/planted_faults.ts";
import {
  ca,
  client,
  clientCa,
  selfSigned,
  server,
} from "./tests/support/certificates.ts";
import { asTcp } from "./tests/support/tcp.ts";

// Off by default since Deno 2.8.
Deno.test.sanitizer({ ops: true, resources: true });

/** Much more than the system holds for a connection. */
const MUCH = pattern(0, 8 * 2 ** 20);

/** Listens and has `reactor` serve every connection; resolves to the listener's id and its address. */
async function serve(
  runtime: ReactRuntime,
  reactor: Reactor,
): Promise<{ listener: ListenerHandle; hostname: string; port: number }> {
  const listener = await runtime.listen(ANY_PORT, {
    onNewConnection: () => ({ reactor }),
  });
  return { listener, ...asTcp(listener.address) };
}

/** Counts the calls of a function of Deno up to the end of the scope. */
function spyOn(name: "listen" | "connect"): { calls: number } & Disposable {
  const original = Deno[name] as (options: unknown) => unknown;
  const spy = {
    calls: 0,
    [Symbol.dispose]: () => void Reflect.set(Deno, name, original),
  };
  Reflect.set(Deno, name, (options: unknown) => {
    spy.calls++;
    return original(options);
  });
  return spy;
}

/** Sends `text` and resolves to what comes back. */
async function askEcho(peer: Deno.Conn, text: string): Promise<string> {
  const buffer = new TextEncoder().encode(text);
  await peer.write(buffer);
  await peer.read(buffer);
  return new TextDecoder().decode(buffer);
}

Deno.test("the library stands on Deno.listen and Deno.connect", async () => {
  assertEquals(hostAdapter(), denoAdapter);
  using listen = spyOn("listen");
  using connect = spyOn("connect");
  await using runtime = new ReactRuntime();
  const server = await serve(runtime, echo());
  assertEquals(listen.calls, 1);
  await runtime.connect(server, sink());
  assertEquals(connect.calls, 1);
});

Deno.test("echo leaves nothing behind", async () => {
  await using runtime = new ReactRuntime();
  const server = await serve(runtime, echo());
  const received = signal<string>();
  await runtime.connect(server, {
    onConnected(ctx) {
      ctx.sendOrQueue(new TextEncoder().encode("hello"));
    },
    onInboundMessage(buf) {
      received.resolve(new TextDecoder().decode(buf));
      return MessageResult.dropMsgSize(buf.length);
    },
  });
  assertEquals(await received.promise, "hello");
});

Deno.test("a half-close leaves nothing behind", async () => {
  await using runtime = new ReactRuntime();
  const server = await serve(
    runtime,
    sink({
      onPeerEnd(ctx) {
        ctx.sendOrQueue(MUCH);
        ctx.close();
      },
    }),
  );
  using peer = await Deno.connect(server);
  await peer.closeWrite();
  const checker = new PatternChecker();
  for await (const chunk of peer.readable) checker.check(chunk);
  assertEquals(checker.received, MUCH.length);
});

Deno.test("an abort leaves nothing behind", async () => {
  await using runtime = new ReactRuntime();
  const serverClosed = signal<Error | undefined>();
  const clientClosed = signal<Error | undefined>();
  const server = await serve(
    runtime,
    sink({
      onClose: (reason) => serverClosed.resolve(reason),
    }),
  );
  const enough = new Error("enough");
  await runtime.connect(
    server,
    sink({
      onConnected(ctx) {
        ctx.sendOrQueue(MUCH);
        ctx.sender.flush();
        ctx.abort(enough);
      },
      onClose: (reason) => clientClosed.resolve(reason),
    }),
  );
  assertEquals(await clientClosed.promise, enough);
  await serverClosed.promise;
  assertEquals(runtime.connectionCount, 0);
});

Deno.test("calls of Deno that throw leave nothing behind", async () => {
  for (
    const name of ["setNoDelay", "read", "write", "closeWrite", "close"]
  ) {
    using _fault = await plantFault(name, new Error("no"), name === "close");
    await using runtime = new ReactRuntime();
    const closed = signal();
    const server = await serve(runtime, echo());
    await runtime.connect(
      server,
      sink({
        onConnected(ctx) {
          ctx.sendOrQueue(new Uint8Array(1));
          ctx.close();
        },
        onClose: () => closed.resolve(),
      }),
    );
    await closed.promise;
  }
});

Deno.test("a refused connect leaves nothing behind", async () => {
  await using runtime = new ReactRuntime();
  const unused = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { hostname, port } = unused.addr as Deno.NetAddr;
  unused.close();
  await assertRejects(
    () => runtime.connect({ hostname, port }, sink()),
    ConnectionRefusedError,
  );
});

Deno.test("a connect that is cancelled while it waits leaves nothing behind", async () => {
  await using runtime = new ReactRuntime();
  // It accepts nobody, and few fit into its backlog.
  using crowded = Deno.listen({
    hostname: "127.0.0.1",
    port: 0,
    tcpBacklog: 1,
  });
  const results: CommandResult[] = [];
  const first = signal();
  const commands = Array.from(
    { length: 8 },
    () =>
      runtime.cmdSender.sendConnect(crowded.addr as Deno.NetAddr, sink(), {
        completion(result) {
          results.push(result);
          first.resolve();
        },
      }),
  );
  await first.promise;
  const cancelled = commands.filter((id) => runtime.cmdSender.cancel(id));
  await runtime.stop({ graceMs: 0 });
  const failed = results.filter((result) =>
    !result.ok && result.error instanceof CommandCancelledError
  );
  assert(failed.length > 0);
  assertEquals(failed.length, cancelled.length);
  assertEquals(results.length, commands.length);
});

Deno.test("a connect that is cancelled as it is accepted leaves nothing behind", async () => {
  await using runtime = new ReactRuntime();
  const completed = signal<CommandResult>();
  let command = INVALID_COMMAND_ID;
  let cancelled = false;
  const listener = await runtime.listen(ANY_PORT, {
    onNewConnection() {
      cancelled = runtime.cmdSender.cancel(command);
      return { reactor: sink() };
    },
  });
  const address = listener.address;
  command = runtime.cmdSender.sendConnect(address, sink(), {
    completion: completed.resolve,
  });
  const { ok } = await completed.promise;
  assertEquals(ok, !cancelled);
});

Deno.test("a stop that sends what is queued leaves nothing behind", async () => {
  const runtime = new ReactRuntime();
  const server = await serve(
    runtime,
    sink({ onConnected: (ctx) => void ctx.sendOrQueue(MUCH) }),
  );
  using peer = await Deno.connect(server);
  const checker = new PatternChecker();
  const buffer = new Uint8Array(2 ** 16);
  checker.check(buffer.subarray(0, await peer.read(buffer) ?? 0));
  const stopped = runtime.stop();
  for (;;) {
    const count = await peer.read(buffer);
    if (count === null) break;
    checker.check(buffer.subarray(0, count));
  }
  await peer.closeWrite();
  await stopped;
  assertEquals(checker.received, MUCH.length);
});

Deno.test("a stop that drops what is queued leaves nothing behind", async () => {
  const runtime = new ReactRuntime();
  const sent = signal<SendResult>();
  const server = await serve(
    runtime,
    sink({ onConnected: (ctx) => void ctx.sendOrQueue(MUCH, sent.resolve) }),
  );
  using peer = await Deno.connect(server);
  await peer.read(new Uint8Array(1));
  await runtime.stop({ graceMs: 0 });
  const result = await sent.promise;
  assert(!result.ok && result.error instanceof RuntimeStoppedError);
});

Deno.test("a closed listener leaves nothing behind but its connections", async () => {
  const runtime = new ReactRuntime();
  const server = await serve(runtime, echo());
  using peer = await Deno.connect(server);
  assertEquals(await askEcho(peer, "hello"), "hello");
  runtime.cmdSender.sendClose(server.listener);
  assertEquals(await askEcho(peer, "again"), "again");
  assertEquals(runtime.reactorCount, 1);
  Deno.listen(server).close(); // its port is free
  await peer.closeWrite();
  await runtime.run();
});

Deno.test("a certificate that is wrong is so in a session that goes on, too", async () => {
  await using runtime = new ReactRuntime();
  const answer = new TextEncoder().encode(
    "HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 2\r\n\r\nok",
  );
  const seen: (boolean | undefined)[] = [];
  const handler = {
    onNewConnection: () => ({
      reactor: {
        onInboundMessage(buf: Uint8Array, ctx: DispatchContext) {
          seen.push(ctx.socket.tls?.isAuthorized);
          ctx.sendOrQueue(answer);
          ctx.close();
          return MessageResult.dropMsgSize(buf.length);
        },
      },
    }),
  };
  /** Asks three times: Deno goes on with the session. */
  async function ask(credential: typeof client, ports: number[]) {
    using asking = Deno.createHttpClient({ caCerts: [ca], ...credential });
    const answers = [];
    for (const port of ports) {
      const response = fetch(`https://localhost:${port}/`, { client: asking });
      answers.push(await response.then((it) => it.text(), () => "refused"));
    }
    return answers;
  }
  const listen = async (tls: Partial<TlsListenOptions>) => {
    const options = { tls: { ...server, ...tls } };
    return asTcp((await runtime.listen(ANY_PORT, handler, options)).address)
      .port;
  };
  const strict = await listen({ ca: clientCa });
  const lax = await listen({ ca: clientCa, clientCert: "request" });
  const open = await listen({});
  await quietly(async () => {
    const refused = ["refused", "refused", "refused"];
    const served = ["ok", "ok", "ok"];
    assertEquals(await ask(selfSigned, [strict, strict, strict]), refused);
    assertEquals(await ask(selfSigned, [lax, lax, lax]), served);
    assertEquals(seen.splice(0), [false, false, false]);
    assertEquals(await ask(client, [strict, strict, lax]), served);
    assertEquals(seen.splice(0), [true, true, true]);
    assertEquals((await ask(client, [open, strict]))[0], "ok");
    assertEquals(await ask(selfSigned, [lax, strict]), ["ok", "refused"]);
  });
});

Deno.test("600 busy connections get their turns and leave nothing behind", async () => {
  await using runtime = new ReactRuntime();
  const server = await serve(runtime, echo());
  const turns = new Uint32Array(600);
  const turnsInAll = 30 * turns.length;
  let countTurns = 0;
  const done = signal();
  const contexts: DispatchContext[] = [];
  for (let i = 0; i < turns.length; i++) {
    await runtime.connect(server, {
      onConnected: (ctx) => void contexts.push(ctx),
      onInboundMessage(buf, ctx) {
        turns[i]++;
        if (++countTurns === turnsInAll) done.resolve();
        ctx.sendOrQueue(buf);
        return MessageResult.dropMsgSize(buf.length);
      },
    });
  }
  for (const ctx of contexts) ctx.sendOrQueue(pattern(0, 32));
  await done.promise;
  // A loop of awaited reads and writes for each gives most of them none at all.
  assert(
    Math.min(...turns) >= Math.max(...turns) / 3,
    `from ${Math.min(...turns)} to ${Math.max(...turns)} turns`,
  );
});

Deno.test({
  name: "a name may be connected to by who has the permission for it alone",
  permissions: { net: ["localhost"] },
  async fn() {
    await using runtime = new ReactRuntime();
    const { address } = await runtime.listen("localhost:0", {
      onNewConnection: () => ({ reactor: sink() }),
    });
    const { port } = asTcp(address);
    await runtime.connect({ hostname: "localhost", port }, sink());
    for (const hostname of ["127.0.0.1", "localhost.invalid"]) {
      await assertRejects(
        () => runtime.connect({ hostname, port }, sink()),
        PermissionDeniedError,
      );
    }
  },
});

Deno.test("threads run from modules that come over the network, as from JSR", async () => {
  const server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen() {} },
    async (request) => {
      const { pathname } = new URL(request.url);
      const source = await Deno.readTextFile(`.${pathname}`);
      const headers = { "content-type": "application/typescript" };
      return new Response(source, { headers });
    },
  );
  const host = `127.0.0.1:${server.addr.port}`;
  try {
    const { success, stdout, stderr } = await new Deno.Command(
      Deno.execPath(),
      {
        args: [
          "run",
          ...["--no-config", "--no-prompt", "--no-lock", "--reload"],
          ...["--allow-net=127.0.0.1", `--allow-import=${host}`],
          `http://${host}/examples/threaded_pingpong.ts`,
          ...["--count", "10"],
        ],
      },
    ).output();
    assert(success, new TextDecoder().decode(stderr));
    const text = new TextDecoder().decode(stdout);
    assert(text.includes("Commands from thread to thread: 1"), text);
  } finally {
    await server.shutdown();
  }
});
