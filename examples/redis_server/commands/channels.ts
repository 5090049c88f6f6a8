import type { Kind } from "../pub_sub.ts";
import { matches } from "../glob.ts";
import { quoted, ReplyError } from "../reply_error.ts";
import {
  type Command,
  command,
  type CommandHandler,
  NO_KEYS,
} from "./command.ts";
import { container } from "./container.ts";

const FLAGS = "pubsub noscript loading stale";

function subscribe(name: string, kind: Kind): Command {
  return command(name, -2, FLAGS, NO_KEYS, (args, out, client, redis) => {
    for (let i = 1; i < args.length; i++) {
      redis.pubSub.join(client, kind, args[i]);
      out.push(3);
      out.bulk(name);
      out.bulk(args[i]);
      out.integer(client.subscriptionCount);
    }
  });
}

/** Without an argument, it unsubscribes from all. */
function unsubscribe(name: string, kind: Kind): Command {
  return command(name, -1, FLAGS, NO_KEYS, (args, out, client, redis) => {
    const left = args.length > 1 ? args.slice(1) : [...client[kind]];
    for (const one of left.length > 0 ? left : [undefined]) {
      if (one !== undefined) redis.pubSub.leave(client, kind, one);
      out.push(3);
      out.bulk(name);
      out.bulk(one);
      out.integer(client.subscriptionCount);
    }
  });
}

const listChannels: CommandHandler = (args, out, _client, { pubSub }) => {
  if (args.length > 3) {
    throw new ReplyError(
      `ERR unknown subcommand or wrong number of arguments for '${
        quoted(args[1])
      }'. Try PUBSUB HELP.`,
    );
  }
  const found = pubSub.channels.filter((name) => matches(args[2] ?? "*", name));
  out.bulks(found, found.length);
};

const countListeners: CommandHandler = (args, out, _client, { pubSub }) => {
  const names = args.slice(2);
  out.array(2 * names.length);
  for (const name of names) {
    out.bulk(name);
    out.integer(pubSub.countOf(name));
  }
};

/** Of channels, and who listens to them. */
export const channels: readonly Command[] = [
  subscribe("subscribe", "channels"),
  subscribe("psubscribe", "patterns"),
  unsubscribe("unsubscribe", "channels"),
  unsubscribe("punsubscribe", "patterns"),
  container("pubsub", FLAGS, {
    channels: [-2, listChannels],
    numsub: [-2, countListeners],
    numpat: [2, (_args, out, _client, { pubSub }) => {
      out.integer(pubSub.count("patterns"));
    }],
  }),
  command(
    "publish",
    3,
    "pubsub loading stale fast",
    NO_KEYS,
    ([, channel, message], out, client, redis) => {
      // A publisher that is subscribed itself gets its earlier replies first.
      if (client.subscriptionCount > 0) client.connection.flush();
      out.integer(redis.publish(channel, message));
    },
  ),
];
