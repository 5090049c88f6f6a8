import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  hostAdapter,
  INVALID_COMMAND_ID,
  LogLevel,
  type ReactorID,
  setLogLevel,
} from "../../mod.ts";
import { Engine } from "../../src/core/engine.ts";
import { CommandIntake } from "../../src/threads/commands/command_intake.ts";
import type { Factories } from "../../src/threads/commands/factories.ts";
import type { Answers } from "../../src/threads/link/answers.ts";
import { logging } from "../conformance/support.ts";

const GONE = 7 as ReactorID;

describe("a close from another thread that nobody awaits", () => {
  it("is logged, if it fails, like one of this thread: at Debug if the reactor is gone", async () => {
    const lines: unknown[] = [];
    const engine = new Engine<unknown>(hostAdapter(), {});
    const intake = new CommandIntake(engine, {} as Factories);
    setLogLevel(LogLevel.Debug);
    try {
      await logging(
        ({ level, parts }) => void lines.push([level, ...parts]),
        async () => {
          intake.onClose({} as Answers, INVALID_COMMAND_ID, GONE, false);
          await engine.stop({ drainMs: 0, graceMs: 0 });
        },
      );
    } finally {
      setLogLevel(LogLevel.Info);
    }
    assert.deepEqual(lines, [[LogLevel.Debug, "Did not close reactor 7"]]);
  });
});
