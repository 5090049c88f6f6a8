import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  ConnectionClosedError,
  ReactorNotFoundError,
  type SendResult,
} from "../../mod.ts";
import type { Ground } from "./environment.ts";
import { openPair, type Pair } from "./peers.ts";
import { type Context, withRuntime } from "./support.ts";
import {
  deaf,
  open,
  type Scene,
  scenesOn,
  type Stage,
} from "./handler_triggers.ts";

/** What a handler can do to its own connection or another's, and how to see that it happened. */
interface Action {
  readonly name: string;
  act(ctx: Context<string>, noted: string[]): void;
  /** What shows that it happened to a connection that was open. */
  happened(stage: Stage, noted: string[]): Promise<void>;
  /** What shows that it was refused on a connection that is closed. */
  refused(noted: string[]): Promise<void>;
}

const REASON = new Error("wanted");

function outcome(result: SendResult): string {
  return result.ok ? "ok" : result.error.name;
}

function actionsOn({ eventually }: Ground): Action[] {
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
      happened: (_stage, noted) => notedAs("ok", noted),
      refused: (noted) => notedAs(ReactorNotFoundError.name, noted),
    },
  ];
}

/** Scenes in which a handler runs when its connection is gone. */
function lateScenesOn(ground: Ground): Record<string, Scene> {
  return {
    async onClose(runtime, act) {
      const stage: Stage = await open(ground, runtime, {
        ...deaf,
        onClose: () => act(stage.ctx) as void,
      });
      stage.ctx.abort();
      return stage;
    },
  };
}

function moreScenesOn(ground: Ground): Record<string, Scene> {
  return {
    async "a command completion"(runtime, act) {
      const stage = await open(ground, runtime, deaf);
      runtime.cmdSender.sendUserCmd(stage.ctx.id, "", {
        completion: () => act(stage.ctx) as void,
      });
      return stage;
    },
  };
}

/** What handlers may do. */
export function actingPromises(ground: Ground): void {
  const { adapter, eventually } = ground;
  describe(`${adapter.name}: from any handler it is allowed to close, abort, send and command`, () => {
    /** Does each action on `target(own)` from each of `some` scenes. */
    function promise(
      some: Record<string, Scene>,
      toItself: boolean,
      isGone: boolean,
    ): void {
      for (const [kind, scene] of Object.entries(some)) {
        it(`from ${kind}, ${toItself ? "to itself" : "to another"}`, () =>
          withRuntime<string>(adapter, {}, async (runtime) => {
            for (const { act, happened, refused } of actionsOn(ground)) {
              const noted: string[] = [];
              const other = await open(ground, runtime, deaf);
              let done = false;
              const stage = await scene(runtime, (ctx) => {
                if (done) return;
                done = true;
                act(toItself ? ctx : other.ctx, noted);
              });
              await eventually(() => done, `${kind} runs`);
              if (isGone) await refused(noted);
              else await happened(toItself ? stage : other, noted);
              stage.ctx.abort();
              other.ctx.abort();
              await stage.subject.closed;
              await other.subject.closed;
            }
          }));
      }
    }
    const scenes = { ...scenesOn(ground), ...moreScenesOn(ground) };
    const lateScenes = lateScenesOn(ground);
    promise(scenes, true, false);
    promise({ ...scenes, ...lateScenes }, false, false);
    promise(lateScenes, true, true);

    it("two connections that close each other at once both hear of it once", () =>
      withRuntime(adapter, {}, async (runtime) => {
        const pair: Pair<unknown> = await openPair<unknown>(ground, runtime, {
          onCommand(_cmd, ctx) {
            pair.clientCtx.close();
            ctx.close();
          },
        });
        const { server, client, serverCtx } = pair;
        runtime.cmdSender.sendUserCmd(serverCtx.id, "");
        assert.equal(await server.closed, undefined);
        assert.equal(await client.closed, undefined);
        assert.deepEqual(server.calls, ["onConnected", "onCommand", "onClose"]);
        assert.deepEqual(client.calls, ["onConnected", "onClose"]);
      }));
  });
}
