import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  type DispatchContext,
  InvalidCodecError,
  InvalidMemberError,
  InvalidOptionError,
  InvalidSliceError,
  MessageResult,
  ReactorGroup,
  type ReactorGroupOptions,
  type ReactRuntime,
  SendQueueFullError,
  SlowMemberError,
} from "../../mod.ts";
import type { Environment, Peer } from "./environment.ts";
import { openPair, serve, watched, type WatchedReactor } from "./peers.ts";
import {
  type Context,
  pattern,
  PatternChecker,
  quietly,
  withRuntime,
} from "./support.ts";

const KiB = 1024;
const MiB = 1024 * KiB;

/** More than the systems of both ends buffer if one end does not read. */
const BEYOND_BUFFERS = 16 * MiB;

/** A member of a group on the server, and its peer. */
interface Member {
  readonly ctx: Context;
  readonly peer: Peer;
  readonly server: WatchedReactor<unknown>;
}

/**
 * A message to a group goes to each member once and in order, but is stored
 * only once.
 */
export function groupPromises(environment: Environment): void {
  const { adapter, connectPeer, eventually, sleep } = environment;

  /** Connects peers whose server ends are members of `group`. */
  async function members(
    runtime: ReactRuntime,
    count: number,
    group: ReactorGroup,
    onClose?: (reason: Error | undefined, ctx: DispatchContext) => void,
  ): Promise<Member[]> {
    const servers: WatchedReactor<unknown>[] = [];
    const address = await serve(environment, runtime, () => {
      const server = watched({
        onConnected: (ctx) => void group.add(ctx),
        onClose,
      });
      servers.push(server);
      return server.reactor;
    });
    const all: Member[] = [];
    for (let i = 0; i < count; i++) {
      const peer = await connectPeer(address);
      await eventually(() => servers.length > i, "it is accepted");
      all.push({ ctx: await servers[i].connected, peer, server: servers[i] });
    }
    return all;
  }

  async function checkReceived(peer: Peer, total: number): Promise<void> {
    await peer.has(total);
    const checker = new PatternChecker();
    for (const chunk of peer.chunks) checker.check(chunk);
    assert.equal(checker.received, total);
  }

  describe(`${adapter.name}: groups`, () => {
    it("each member gets everything once and in order, small and large, whatever becomes of the bytes that were given", () =>
      withRuntime(adapter, {}, async (runtime) => {
        const group = new ReactorGroup();
        const all = await members(runtime, 3, group);
        let total = 0;
        for (
          const size of [1, 100, 3000, 5000, 70_000, 7, 300_000, 1, 20_000]
        ) {
          const bytes = pattern(total, size).slice();
          assert.equal(group.send(bytes), 3);
          bytes.fill(0xee);
          total += size;
          if (size < 50) await sleep(5);
        }
        for (const { peer } of all) await checkReceived(peer, total);
        assert.equal(group.size, 3);
        assert.deepEqual([...group], all.map(({ ctx }) => ctx));
        await endAll(all);
        assert.equal(group.size, 0);
      }));

    it("a connection that is closing, or has ended sending, is no longer a member", () =>
      withRuntime(adapter, {}, async (runtime) => {
        const group = new ReactorGroup();
        const all = await members(runtime, 3, group);
        const [closing, ended, other] = all;
        for (const { peer } of all) peer.pause();
        group.send(pattern(0, BEYOND_BUFFERS));
        closing.ctx.close();
        ended.ctx.end();
        assert.ok(!closing.server.calls.includes("onClose"));
        assert.equal(group.size, 1);
        assert.deepEqual([...group], [other.ctx]);
        assert.equal(group.has(closing.ctx), false);
        assert.equal(group.remove(closing.ctx), false);
        assert.equal(group.add(closing.ctx), false);
        for (const { peer } of all) peer.resume();
        for (const { peer } of all) await checkReceived(peer, BEYOND_BUFFERS);
        await endAll(all);
        assert.equal(group.size, 0);
      }));

    it("what members send themselves goes out in between, in the order of sending", () =>
      withRuntime(adapter, {}, async (runtime) => {
        const group = new ReactorGroup();
        const all = await members(runtime, 2, group);
        let total = 0;
        const next = (size: number) => pattern((total += size) - size, size);
        for (const size of [10, 1000, 30_000]) {
          group.send(next(size));
          const own = next(size);
          for (const { ctx } of all) ctx.sendOrQueue(own);
          group.send(next(size));
          group.send(next(1));
          const encoded = next(20);
          for (const { ctx } of all) {
            const out = ctx.acquireSend();
            out.write(encoded);
            out[Symbol.dispose]();
          }
          group.send(next(size));
        }
        for (const { peer } of all) await checkReceived(peer, total);
        await endAll(all);
      }));

    it("50 members that do not read hold one copy, and get everything when they do", () =>
      withRuntime(adapter, {}, async (runtime) => {
        const group = new ReactorGroup({ highWaterMark: 2 * BEYOND_BUFFERS });
        const all = await members(runtime, 50, group);
        for (const { peer } of all) peer.pause();
        const piece = 64 * KiB;
        let total = 0;
        while (total < BEYOND_BUFFERS) {
          assert.equal(group.send(pattern(total, piece)), 50);
          total += piece;
          if (total % MiB === 0) await sleep(1);
        }
        const queued = all.reduce(
          (sum, { ctx }) => sum + ctx.sender.bytesQueued,
          0,
        );
        assert.ok(queued > 50 * MiB, `${queued} are queued`);
        const { bufferedBytes } = runtime;
        // On some adapters each socket has borrowed a part; shared bytes count
        // once, too.
        assert.ok(bufferedBytes <= total + MiB, `${bufferedBytes} are held`);
        const [one, ...others] = all;
        one.peer.resume();
        await checkReceived(one.peer, total);
        for (const { ctx } of others) ctx.abort();
        await endAll(all);
        assert.equal(runtime.bufferedBytes, 0);
      }));

    it("50 members that never read are closed when they fall behind, and cost no more memory than one", () =>
      withRuntime(adapter, {}, async (runtime) => {
        const group = new ReactorGroup({ highWaterMark: 100 * KiB });
        const all = await members(runtime, 50, group);
        for (const { peer } of all) peer.pause();
        let most = 0;
        for (let sent = 0; group.size > 0; sent += 64 * KiB) {
          assert.ok(sent < 2 * BEYOND_BUFFERS, `${group.size} are left`);
          group.send(pattern(sent, 64 * KiB));
          most = Math.max(most, runtime.bufferedBytes);
          if (sent % MiB === 0) await sleep(1);
        }
        assert.equal(group.closedCount, 50);
        assert.ok(most < 4 * MiB, `${most} were held`);
        for (const { server } of all) {
          assert.ok(await server.closed instanceof SlowMemberError);
        }
        assert.equal(runtime.bufferedBytes, 0);
        await endAll(all);
      }));

    it("close: a slow member leaves at once, and is aborted with SlowMemberError, not inside send; the others get everything", () =>
      withRuntime(adapter, {}, async (runtime) => {
        const group = new ReactorGroup({ highWaterMark: 100 * KiB });
        const closed: (Error | undefined)[] = [];
        const all = await members(
          runtime,
          3,
          group,
          (reason) => void closed.push(reason),
        );
        const [slow, ...others] = all;
        slow.peer.pause();
        let total = 0;
        while (group.closedCount === 0) {
          group.send(pattern(total, 64 * KiB));
          total += 64 * KiB;
          assert.deepEqual(closed, [], "not inside of send");
          if (group.closedCount > 0) break;
          for (const { peer } of others) await peer.has(total);
        }
        assert.equal(group.size, 2);
        assert.equal(group.has(slow.ctx), false);
        const reason = await slow.server.closed;
        assert.ok(reason instanceof SlowMemberError, `${reason}`);
        assert.match(reason.message, /\d+ bytes.*102400/);
        for (const { peer } of others) await checkReceived(peer, total);
        slow.peer.resume();
        await endAll(all);
      }));

    it("skip: a slow member misses what is sent while it is slow; that is counted, and reported once per turn", () =>
      withRuntime(adapter, {}, async (runtime) => {
        const told: [DispatchContext, number][] = [];
        let isInside = false;
        const group = new ReactorGroup({
          slow: "skip",
          highWaterMark: 100,
          onSkip: (ctx, count) => {
            assert.equal(isInside, false);
            told.push([ctx, count]);
          },
        });
        const all = await members(runtime, 2, group);
        const [slow, other] = all;
        slow.peer.pause();
        slow.ctx.sendOrQueue(pattern(0, BEYOND_BUFFERS));
        isInside = true;
        assert.equal(group.send(pattern(0, 10)), 1);
        assert.equal(group.send(pattern(10, 10)), 1);
        isInside = false;
        assert.equal(group.skippedCount, 2);
        await eventually(() => told.length > 0, "it is told");
        assert.deepEqual(told, [[slow.ctx, 2]]);
        await checkReceived(other.peer, 20);
        slow.peer.resume();
        await slow.peer.has(BEYOND_BUFFERS);
        await eventually(() => slow.ctx.sender.bytesQueued === 0, "all is out");
        assert.equal(group.send(pattern(BEYOND_BUFFERS, 10)), 2);
        await checkReceived(slow.peer, BEYOND_BUFFERS + 10);
        assert.equal(group.skippedCount, 2);
        await endAll(all);
      }));

    it("wait: no member gets what a slow one has no room for; whenReady resolves when that has room or is gone", () =>
      withRuntime(adapter, {}, async (runtime) => {
        const group = new ReactorGroup({ slow: "wait", highWaterMark: MiB });
        const all = await members(runtime, 3, group);
        const [slow, dying, other] = all;
        await group.whenReady();
        for (const { peer } of [slow, dying]) peer.pause();
        assert.equal(group.send(pattern(0, BEYOND_BUFFERS)), 3);
        assert.throws(
          () => group.send(pattern(0, 10)),
          (error: Error) =>
            error instanceof SendQueueFullError &&
            /^Cannot send 10 bytes to a group: \d+ bytes are queued/.test(
              error.message,
            ),
        );
        let isReady = false;
        const ready = group.whenReady().then(() => isReady = true);
        await other.peer.has(BEYOND_BUFFERS);
        await sleep(20);
        assert.equal(isReady, false);
        dying.ctx.abort();
        slow.peer.resume();
        await ready;
        assert.equal(group.send(pattern(BEYOND_BUFFERS, 10)), 2);
        for (const { peer } of [slow, other]) {
          await checkReceived(peer, BEYOND_BUFFERS + 10);
        }
        dying.peer.resume();
        await endAll(all);
      }));

    it("a member whose own maxSendQueue has no room counts as slow, and is not closed by its queue", () =>
      withRuntime(adapter, { maxSendQueue: 1000 }, async (runtime) => {
        const group = new ReactorGroup({ slow: "skip" });
        const all = await members(runtime, 2, group);
        assert.equal(group.send(pattern(0, 1001)), 0);
        assert.equal(group.send(pattern(0, 1000)), 2);
        for (const { peer } of all) await checkReceived(peer, 1000);
        await endAll(all);
      }));

    it("members leave when they close, before their onClose, and may say so to the others", () =>
      withRuntime(adapter, {}, async (runtime) => {
        const group = new ReactorGroup();
        const sizes: number[] = [];
        const all = await members(runtime, 3, group, (_reason, ctx) => {
          sizes.push(group.size);
          assert.equal(group.has(ctx), false);
          assert.equal(group.add(ctx), false);
          group.send(pattern(0, 3));
        });
        const [leaving, ...others] = all;
        leaving.peer.end();
        await leaving.server.closed;
        for (const { peer } of others) await checkReceived(peer, 3);
        assert.deepEqual(sizes, [2]);
        assert.equal(leaving.peer.received, 0);
        await endAll(all);
      }));

    it("adding or removing members while a message is encoded applies to that message", () =>
      withRuntime(adapter, {}, async (runtime) => {
        let onEncode = () => {};
        const options: ReactorGroupOptions<number> = {
          codec: {
            encode(message, out) {
              out.writeUint8(message);
              onEncode();
            },
          },
        };
        const group = new ReactorGroup(options);
        const all = await members(
          runtime,
          2,
          group as unknown as ReactorGroup,
        );
        const [one, other] = all;
        assert.equal(group.remove(one.ctx), true);
        assert.equal(group.remove(one.ctx), false);
        onEncode = () => {
          onEncode = () => {};
          group.add(one.ctx);
          group.remove(other.ctx);
          assert.equal(group.send(2), 1); // inside the other `send`
        };
        assert.equal(group.send(1), 1);
        await one.peer.has(2);
        assert.deepEqual([...one.peer.chunks.flatMap((c) => [...c])], [2, 1]);
        assert.equal(other.peer.received, 0);
        await endAll(all);
      }));

    it("what a codec throws is thrown, and nobody gets anything", () =>
      withRuntime(adapter, {}, async (runtime) => {
        const error = new Error("cannot be written");
        const group = new ReactorGroup<string>({
          codec: {
            encode(message, out) {
              out.writeText(message);
              if (message === "bad") throw error;
              if (message === "later") return Promise.reject(error) as never;
            },
          },
        });
        const all = await members(
          runtime,
          2,
          group as unknown as ReactorGroup,
        );
        assert.throws(() => group.send("bad"), error);
        assert.throws(() => group.send("later"), InvalidCodecError);
        assert.equal(group.send("good"), 2);
        for (const { peer } of all) {
          await peer.has(4);
          assert.equal(peer.received, 4);
        }
        await endAll(all);
      }));

    it("a connection is a member once, also of several groups, and anything but a member or an option is refused", () =>
      quietly(() =>
        withRuntime(adapter, {}, async (runtime) => {
          const groups = [new ReactorGroup(), new ReactorGroup()];
          const { serverCtx, clientCtx, client } = await openPair(
            environment,
            runtime,
            {
              onInboundMessage: (buf) => MessageResult.dropMsgSize(buf.length),
            },
          );
          for (const group of groups) {
            assert.equal(group.add(serverCtx), true);
            assert.equal(group.add(serverCtx), false);
            assert.equal(group.send(pattern(0, 5)), 1);
            assert.equal(group.send(new Uint8Array(0)), 0);
          }
          for (const bad of [undefined, null, 1, {}, { sender: {} }]) {
            assert.throws(
              () => groups[0].add(bad as unknown as Context),
              InvalidMemberError,
            );
          }
          assert.throws(
            () => groups[0].send("text" as unknown as Uint8Array),
            InvalidSliceError,
          );
          for (
            const bad of [
              { slow: "never" },
              { highWaterMark: -1 },
              { codec: {} },
              { onSkip: 1 },
            ]
          ) {
            assert.throws(
              () => new ReactorGroup(bad as unknown as ReactorGroupOptions),
              InvalidOptionError,
            );
          }
          clientCtx.close();
          await client.closed;
          for (const group of groups) {
            assert.equal(group.size, 0);
            assert.equal(group.send(pattern(0, 5)), 0);
          }
        })
      ));

    /** Ends the connections, and waits until they have closed. */
    async function endAll(all: readonly Member[]): Promise<void> {
      for (const { peer, ctx } of all) {
        peer.resume();
        ctx.abort();
      }
      await Promise.all(all.map(({ server }) => server.closed));
      for (const { peer } of all) peer.destroy();
    }
  });
}
