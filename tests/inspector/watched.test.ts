import assert from "node:assert/strict";
import { test } from "node:test";
import { Watched, type WatchedThread } from "../../src/inspector/watched.ts";

test("a thread that does not answer is asked so often at once and no more, is left out, and is asked again when it has answered", async () => {
  const answers: ((answer: unknown) => void)[] = [];
  const thread: WatchedThread = {
    name: "0",
    ask: () =>
      new Promise((resolve) =>
        answers.push(resolve as (answer: unknown) => void)
      ),
  };
  const late: (() => void)[] = [];
  const watched = new Watched(() => [thread], (_, callback) => {
    late.push(callback);
    return {
      isPending: true,
      cancel: () => true,
      [Symbol.dispose]: () => {},
    };
  });
  const ask = () => watched.ask("0", { kind: "close", id: 1 });
  const asked = Array.from({ length: 100 }, ask);
  assert.equal(answers.length, 16);
  for (const tell of late) tell();
  assert.deepEqual(new Set(await Promise.all(asked)), new Set([undefined]));
  assert.equal(await ask(), undefined);
  assert.equal(answers.length, 16);

  answers[0]({ done: true });
  await new Promise((resolve) => setTimeout(resolve));
  const again = ask();
  assert.equal(answers.length, 17);
  answers[16]({ done: false });
  assert.deepEqual(await again, { done: false });
});
