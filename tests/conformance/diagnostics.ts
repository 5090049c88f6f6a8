import assert from "node:assert/strict";
import diagnostics from "node:diagnostics_channel";
import { describe, it } from "node:test";
import type {
  CmdSender,
  DiagnosticsMessages,
  ReactRuntime,
} from "../../mod.ts";
import type { Environment } from "./environment.ts";
import { dropOne, openPair } from "./peers.ts";
import { echo, quietly, withRuntime } from "./support.ts";

type Name = keyof DiagnosticsMessages;

/**
 * Runs `body` with the messages that the channel `name` publishes about
 * `runtime`.
 */
export async function hearing<Channel extends Name>(
  runtime: ReactRuntime,
  name: Channel,
  body: (heard: DiagnosticsMessages[Channel][]) => Promise<void>,
): Promise<void> {
  const heard: DiagnosticsMessages[Channel][] = [];
  const onMessage = (message: unknown) => {
    const { cmdSender } = message as { readonly cmdSender: CmdSender };
    if (cmdSender !== runtime.cmdSender) return; // from another test
    heard.push(message as DiagnosticsMessages[Channel]);
  };
  diagnostics.subscribe(name, onMessage);
  try {
    await body(heard);
  } finally {
    diagnostics.unsubscribe(name, onMessage);
  }
}

/** Events are published on the host's diagnostics channels to subscribers. */
export function diagnosticsPromises(environment: Environment): void {
  const { adapter, eventually } = environment;

  describe(`${adapter.name}: diagnostics`, () => {
    it("tell of connections that open and close, with the reason and what they have counted", () =>
      withRuntime(
        adapter,
        {},
        (runtime) =>
          hearing(
            runtime,
            "reactio:connection:open",
            (opened) =>
              hearing(runtime, "reactio:connection:close", async (closed) => {
                const pair = await openPair(environment, runtime, echo());
                const { serverCtx, clientCtx } = pair;
                await eventually(() => opened.length === 2, "both are open");
                const own = opened.find(({ id }) => id === serverCtx.id);
                assert.deepEqual(
                  own?.remoteAddress,
                  serverCtx.socket.remoteAddress,
                );
                assert.ok(own !== undefined && own.listenerId !== 0);
                assert.equal(closed.length, 0);
                clientCtx.sendOrQueue(Uint8Array.of(1, 2, 3));
                await eventually(
                  () => clientCtx.stats().bytesIn === 3,
                  "the echo is back",
                );
                const reason = new Error("enough");
                clientCtx.close(reason);
                await eventually(() => closed.length === 2, "both are closed");
                const end = closed.find(({ id }) => id === clientCtx.id);
                assert.equal(end?.reason, reason);
                assert.deepEqual(end?.stats, clientCtx.stats());
                assert.equal(end?.stats.bytesIn, 3);
              }),
          ),
      ));

    it("tell of drops, with the reason", () =>
      quietly(() =>
        withRuntime(
          adapter,
          {},
          (runtime) =>
            hearing(runtime, "reactio:listener:drop", async (drops) => {
              const listener = await dropOne(environment, runtime);
              await eventually(() => drops.length === 1, "it is told");
              assert.equal(drops[0].reason, "maxConnections");
              assert.equal(drops[0].listenerId, listener.id);
            }),
        )
      ));

    it("tell of pauses, and of their ends", () =>
      withRuntime(
        adapter,
        {},
        (runtime) =>
          hearing(runtime, "reactio:connection:pause", (pauses) =>
            hearing(runtime, "reactio:connection:resume", async (resumes) => {
              const { serverCtx: ctx } = await openPair(environment, runtime);
              ctx.pauseReading();
              assert.equal(pauses.length, 0, "not from inside of the call");
              await eventually(() =>
                pauses.length === 1, "the pause is told");
              assert.equal(pauses[0].id, ctx.id);
              assert.equal(pauses[0].bytesQueued, 0);
              assert.equal(resumes.length, 0);
              ctx.resumeReading();
              await eventually(() =>
                resumes.length === 1, "so is its end");
              assert.equal(resumes[0].pausedMs, ctx.stats().pausedMs);
              ctx.pauseReading();
              ctx.abort();
              await eventually(
                () => pauses.length === 2 && resumes.length === 2,
                "a pause ends with its connection",
              );
            })),
      ));

    it("tell of handlers that throw", () =>
      quietly(() =>
        withRuntime(
          adapter,
          {},
          (runtime) =>
            hearing(runtime, "reactio:connection:error", async (errors) => {
              const error = new Error("thrown");
              const { serverCtx, clientCtx } = await openPair(
                environment,
                runtime,
                {
                  onInboundMessage() {
                    throw error;
                  },
                },
              );
              clientCtx.sendOrQueue(Uint8Array.of(1));
              await eventually(() => errors.length === 1, "it is told");
              assert.equal(errors[0].error, error);
              assert.equal(errors[0].handler, "onInboundMessage");
              assert.equal(errors[0].id, serverCtx.id);
            }),
        )
      ));

    for (const [slowHandlerMs, share] of [[0, 1], [60_000, 0]]) {
      it(`with slowHandlerMs ${slowHandlerMs} tell of ${share * 100} % of the handlers`, () =>
        withRuntime(
          adapter,
          { slowHandlerMs },
          (runtime) =>
            hearing(
              runtime,
              "reactio:connection:slow-handler",
              async (slow) => {
                const COUNT = 500; // in one turn, so that only few would be sampled
                let count = 0;
                const onCommand = () => void count++;
                const pair = await openPair(environment, runtime, {
                  onCommand,
                });
                for (let i = 0; i < COUNT; i++) {
                  runtime.cmdSender.sendUserCmd(pair.serverCtx, i);
                }
                await eventually(() => count === COUNT, "all are carried out");
                await runtime.stop();
                const told = slow.filter(({ handler }) =>
                  handler === "onCommand"
                );
                assert.equal(told.length, share * COUNT);
                assert.ok(told.every(({ ms }) => ms >= 0));
              },
            ),
        ));
    }

    it("let a subscriber close the connection that it hears of", () =>
      withRuntime(
        adapter,
        {},
        (runtime) =>
          hearing(runtime, "reactio:connection:open", async (opened) => {
            const onOpen = (message: unknown) => {
              const { cmdSender, id } =
                message as DiagnosticsMessages["reactio:connection:open"];
              if (cmdSender === runtime.cmdSender) cmdSender.sendClose(id);
            };
            diagnostics.subscribe("reactio:connection:open", onOpen);
            try {
              await openPair(environment, runtime);
              await eventually(
                () => opened.length === 2 && runtime.stats().open === 0,
                "both are closed",
              );
            } finally {
              diagnostics.unsubscribe("reactio:connection:open", onOpen);
            }
          }),
      ));
  });
}
