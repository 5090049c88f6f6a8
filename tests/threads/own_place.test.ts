import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  CommandQueueFullError,
  hostAdapter,
  type ReactorID,
} from "../../mod.ts";
import { Engine } from "../../src/core/engine.ts";
import { Asking } from "../../src/threads/asking/asking.ts";
import { OwnPlace } from "../../src/threads/asking/own_place.ts";
import { Places } from "../../src/threads/asking/places.ts";
import { ReceivedQuestions } from "../../src/threads/asking/received_questions.ts";
import { MAX_PENDING_COMMANDS } from "../../src/tuning.ts";

describe("a thread that asks itself", () => {
  it("and already has as many commands as allowed is refused at once, and has no question left under way", async () => {
    const engine = new Engine<unknown>(hostAdapter(), {});
    const deferred = { kind: "after", ms: 600_000 } as const;
    const send = () =>
      engine.cmdSender.sendUserCmd(1 as ReactorID, 1, { deferred });
    const ids = Array.from({ length: MAX_PENDING_COMMANDS }, send);
    const services = { call: () => "answered" };
    const own = new OwnPlace(new ReceivedQuestions(engine, services, 0));
    const asking = new Asking(engine.loop, new Places(1, () => own));
    const ask = () => asking.ask(0, "any", 1, { timeoutMs: 1000 });
    try {
      for (let i = 0; i < 3; i++) {
        await assert.rejects(ask(), CommandQueueFullError);
      }
    } finally {
      for (const id of ids) engine.cmdSender.cancel(id);
    }
    assert.equal(await ask(), "answered");
    own.lose(new Error("the end"));
    assert.equal(asking.lateAnswerCount, 0);
  });
});
