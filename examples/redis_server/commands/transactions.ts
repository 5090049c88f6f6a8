import { ReplyError } from "../reply_error.ts";
import { ALL_KEYS, type Command, command, NO_KEYS } from "./command.ts";

/** `no_multi`: carried out at once, also in a transaction. */
const FLAGS = "noscript loading stale fast no_multi";

/** Of transactions. */
export const transactions: readonly Command[] = [
  command("multi", 1, FLAGS, NO_KEYS, (_args, out, client) => {
    if (client.transaction !== undefined) {
      throw new ReplyError("ERR MULTI calls can not be nested");
    }
    client.transaction = { queue: [], size: 0, isBroken: false };
    out.simple("OK");
  }),
  command("exec", 1, FLAGS, NO_KEYS, (_args, out, client, redis) => {
    const { transaction, isWatchBroken } = client;
    if (transaction === undefined) {
      throw new ReplyError("ERR EXEC without MULTI");
    }
    client.transaction = undefined;
    redis.watches.clear(client);
    if (transaction.isBroken) {
      throw new ReplyError(
        "EXECABORT Transaction discarded because of previous errors.",
      );
    }
    if (isWatchBroken) return out.nullArray();
    out.array(transaction.queue.length);
    redis.commitIfMuch(); // so that all of it comes to one batch
    for (const run of transaction.queue) run(out);
  }),
  command("discard", 1, FLAGS, NO_KEYS, (_args, out, client, redis) => {
    if (client.transaction === undefined) {
      throw new ReplyError("ERR DISCARD without MULTI");
    }
    client.transaction = undefined;
    redis.watches.clear(client);
    out.simple("OK");
  }),
  command("watch", -2, FLAGS, ALL_KEYS, (args, out, client, redis) => {
    if (client.transaction !== undefined) {
      throw new ReplyError("ERR WATCH inside MULTI is not allowed");
    }
    for (const key of args.slice(1)) {
      client.database.get(key); // if its time is over, it is gone before
      redis.watches.add(client, key);
    }
    out.simple("OK");
  }),
  command(
    "unwatch",
    1,
    "noscript loading stale fast",
    NO_KEYS,
    (_args, out, client, redis) => {
      redis.watches.clear(client);
      out.simple("OK");
    },
  ),
];
