import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  ConnectionClosedError,
  ReactorNotFoundError,
  type SendResult,
} from "../../mod.ts";
import type { Environment } from "./environment.ts";
import { openPair, type Pair } from "./peers.ts";
import { type Context, withRuntime } from "./support.ts";
import {
  handlerTriggers,
  ignoringCommands,
  open,
  type Trigger,
  type Triggered,
} from "./handler_triggers.ts";

/**
 * What a handler can do to its own connection or another one, and how to check
 * the effect.
 */
interface Action {
  readonly name: string;
  act(ctx: Context<string>, noted: string[]): void;
  /** Checks the effect on an open connection. */
  happened(triggered: Triggered, noted: string[]): Promise<void>;
  /** Checks that a closed connection refuses it. */
  refused(noted: string[]): Promise<void>;
}

const REASON = new Error("wanted");

function outcome(result: SendResult): string {
  return result.ok ? "ok" : result.error.name;
}

function actionsOn({ eventually }: Environment): Action[] {
  const notedAs = async (text: string, noted: string[]) => {
    await eventually(() => noted.length > 0, text);
    assert.deepEqual(noted, [text]);
  };
  return [
    {
      name: "close",
      act: (ctx) => ctx.close(REASON),
      async happened({ subject, peer }) {
        await peer.ended;
        peer.end();
        assert.equal(await subject.closed, REASON);
        assert.equal(
          subject.calls.indexOf("onClose"),
          subject.calls.length - 1,
        );
      },
      refused: async () => {},
    },
    {
      name: "abort",
      act: (ctx) => ctx.abort(REASON),
      async happened({ subject }) {
        assert.equal(await subject.closed, REASON);
        assert.equal(
          subject.calls.indexOf("onClose"),
          subject.calls.length - 1,
        );
      },
      refused: async () => {},
    },
    {
      name: "send",
      act(ctx, noted) {
        ctx.sendOrQueue(
          Uint8Array.of(1, 2, 3),
          (result) => void noted.push(outcome(result)),
        );
      },
      async happened({ peer }, noted) {
        await peer.has(3);
        await notedAs("ok", noted);
      },
      refused: (noted) => notedAs(ConnectionClosedError.name, noted),
    },
    {
      name: "command",
      act: (ctx, noted) =>
        void ctx.cmdSender.sendUserCmd(ctx.id, "", {
          completion: (result) => void noted.push(outcome(result)),
        }),
      happened: (_triggered, noted) => notedAs("ok", noted),
      refused: (noted) => notedAs(ReactorNotFoundError.name, noted),
    },
  ];
}

/** Triggers whose handler runs after its connection has closed. */
function lateTriggersOn(environment: Environment): Record<string, Trigger> {
  return {
    async onClose(runtime, act) {
      const triggered: Triggered = await open(environment, runtime, {
        ...ignoringCommands,
        onClose: () => act(triggered.ctx) as void,
      });
      triggered.ctx.abort();
      return triggered;
    },
  };
}

function moreTriggersOn(environment: Environment): Record<string, Trigger> {
  return {
    async "a command completion"(runtime, act) {
      const triggered = await open(environment, runtime, ignoringCommands);
      runtime.cmdSender.sendUserCmd(triggered.ctx.id, "", {
        completion: () => act(triggered.ctx) as void,
      });
      return triggered;
    },
  };
}

/** Everything that handlers may do. */
export function actingPromises(environment: Environment): void {
  const { adapter, eventually } = environment;
  describe(`${adapter.name}: any handler may close, abort, send and command`, () => {
    /** Performs each action on `target(own)` from each of `some` triggers. */
    function promise(
      some: Record<string, Trigger>,
      toItself: boolean,
      isGone: boolean,
    ): void {
      for (const [kind, trigger] of Object.entries(some)) {
        it(`from ${kind}, ${toItself ? "to itself" : "to another"}`, () =>
          withRuntime<string>(adapter, {}, async (runtime) => {
            for (const { act, happened, refused } of actionsOn(environment)) {
              const noted: string[] = [];
              const other = await open(environment, runtime, ignoringCommands);
              let done = false;
              const triggered = await trigger(runtime, (ctx) => {
                if (done) return;
                done = true;
                act(toItself ? ctx : other.ctx, noted);
              });
              await eventually(() => done, `${kind} runs`);
              if (isGone) await refused(noted);
              else await happened(toItself ? triggered : other, noted);
              triggered.ctx.abort();
              other.ctx.abort();
              await triggered.subject.closed;
              await other.subject.closed;
            }
          }));
      }
    }
    const triggers = {
      ...handlerTriggers(environment),
      ...moreTriggersOn(environment),
    };
    const lateTriggers = lateTriggersOn(environment);
    promise(triggers, true, false);
    promise({ ...triggers, ...lateTriggers }, false, false);
    promise(lateTriggers, true, true);

    it("two connections that close each other at once each get onClose once", () =>
      withRuntime(adapter, {}, async (runtime) => {
        const pair: Pair<unknown> = await openPair<unknown>(
          environment,
          runtime,
          {
            onCommand(_cmd, ctx) {
              pair.clientCtx.close();
              ctx.close();
            },
          },
        );
        const { server, client, serverCtx } = pair;
        runtime.cmdSender.sendUserCmd(serverCtx.id, "");
        assert.equal(await server.closed, undefined);
        assert.equal(await client.closed, undefined);
        assert.deepEqual(server.calls, ["onConnected", "onCommand", "onClose"]);
        assert.deepEqual(client.calls, ["onConnected", "onClose"]);
      }));
  });
}
