// A hub that fails, for threads that are played by the tests.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  type Channel,
  type Close,
  type Gone,
  type Hub,
  shareHub,
} from "../../examples/hub.ts";
import type { Asker } from "../../mod.ts";
import { logging } from "../conformance/support.ts";

interface Say {
  readonly type: "say";
  readonly client: number;
  readonly text: string;
}

/** A client that a hub cannot even let go. */
const UNLUCKY = 13;

/** Tells each thread what its clients say, in capitals; cannot take `bad`. */
class Echo implements Hub<Say, Say> {
  readonly events: string[] = [];

  onEvent(event: Say | Gone, thread: Channel<Say | Close>): void {
    const text = event.type === "say" ? event.text : "gone";
    this.events.push(`${event.client} ${text}`);
    if (text === "bad" || event.client === UNLUCKY) {
      throw new Error("it is bad");
    }
    if (event.type !== "say") return;
    thread.send({ ...event, text: text.toUpperCase() });
  }
}

interface HubService {
  join(param: undefined, from: Asker): Promise<void>;
  take(events: readonly (Say | Gone)[], from: Asker): Promise<void>;
}

/** A hub, and one thread that has joined it. */
function join() {
  const hub = new Echo();
  const commands: (Say | Close)[] = [];
  const life = new AbortController();
  const from: Asker = { thread: 0, signal: life.signal };
  const service = shareHub(hub).services.hub({
    ask: (_thread: number, _name: string, batch: (Say | Close)[]) => {
      commands.push(...batch);
      return Promise.resolve();
    },
  } as never) as HubService;
  const joined = service.join(undefined, from);
  const say = (...said: [client: number, text: string][]) =>
    service.take(
      said.map(([client, text]) => ({ type: "say", client, text })),
      from,
    );
  return { hub, commands, say, joined, end: () => life.abort() };
}

/** Runs `body`; resolves to what it logs. */
async function logged(body: () => Promise<void>): Promise<string[]> {
  const lines: string[] = [];
  await logging(({ parts }) => void lines.push(parts.join(" ")), body);
  return lines;
}

const told = (client: number, text: string) =>
  ({ type: "say", client, text }) as const;
const closed = (client: number) =>
  ({ type: "close", client, error: "the hub failed" }) as const;

describe("an error of a hub", () => {
  it("costs the client that was the cause its connection, and nothing else, and is logged", async () => {
    const { commands, say, joined, end } = join();
    let hasEnded = false;
    void joined.finally(() => hasEnded = true);
    const log = await logged(async () => {
      await say([1, "a"], [2, "bad"], [2, "unheard"], [1, "c"]);
      await say([2, "unheard"], [3, "e"]);
    });
    assert.deepEqual(commands, [
      told(1, "A"),
      closed(2),
      told(1, "C"),
      told(3, "E"),
    ]);
    assert.equal(log.length, 1);
    assert.match(
      log[0],
      /the hub failed to take "say" of a client: .*it is bad/,
    );
    assert.equal(hasEnded, false);
    end();
    await joined;
  });

  it("keeps no other client of a thread that is gone", async () => {
    const { hub, say, joined, end } = join();
    const log = await logged(async () => {
      await say([1, "a"], [UNLUCKY, "bad"], [3, "c"]);
      hub.events.length = 0;
      end();
      await joined;
    });
    assert.deepEqual(hub.events, ["1 gone", `${UNLUCKY} gone`, "3 gone"]);
    assert.match(log[1], /the hub failed to take "gone" of a client/);
  });
});
