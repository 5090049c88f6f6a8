import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { TurnShare } from "../../src/core/turn_share.ts";
import { TURN_SHARE } from "../../src/tuning.ts";

const { ms, messages, messagesPerLook } = TURN_SHARE;
const MOST_LOOKS = messages / messagesPerLook;

describe("the share of a turn", () => {
  it("is used up after its time", () => {
    const share = new TurnShare();
    assert.equal(share.isUsedUp(1, 100), false);
    assert.equal(share.isUsedUp(1, 100 + ms - 0.1), false);
    assert.equal(share.isUsedUp(1, 100 + ms), true);
    assert.equal(share.isUsedUp(1, 100 + ms), true);
  });

  it("is used up after so many messages, while the clock stands still", () => {
    const share = new TurnShare();
    for (let looks = 1; looks < MOST_LOOKS; looks++) {
      assert.equal(share.isUsedUp(1, 100), false);
    }
    assert.equal(share.isUsedUp(1, 100), true);
  });

  it("begins anew in the next turn", () => {
    const share = new TurnShare();
    for (let turn = 1; turn < 2 * MOST_LOOKS; turn++) {
      assert.equal(share.isUsedUp(turn, turn * ms), false);
    }
  });
});
