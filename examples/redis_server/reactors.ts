// What the threads of a server run. A single thread does everything. If there are
// several, they read and reply, and the main thread has the data.

import { defineReactors, type ReactRuntime } from "../../mod.ts";
import { fail } from "../flags.ts";
import {
  isOneOfSeveral,
  type OneOfSeveral,
  type ServingThread,
  type Shared,
} from "../serve.ts";
import {
  AppendOnlyFile,
  type SyncPolicy,
} from "./append_only/append_only_file.ts";
import { textOf } from "./bytes.ts";
import { Client } from "./client.ts";
import { execute } from "./execute.ts";
import { redisHandler } from "./reactor.ts";
import { Redis } from "./redis.ts";
import { ReplyWriter } from "./replies.ts";
import { MAX_BULK_SIZE } from "./requests.ts";
import { type DataThread, IoThread } from "./threads/io_thread.ts";
import { RemoteClients } from "./threads/remote_clients.ts";

/** Other threads load this module by this URL. */
export const url = import.meta.url;

/** Whether and how a server saves its data. */
export interface RedisOptions {
  /** The path of the file; empty if nothing is saved. */
  readonly appendonly: string;
  readonly appendfsync: SyncPolicy;
}

const EXPIRE_MS = 100;
const SYNC_MS = 1000;

/** The data of each runtime that has some; all its listeners share it. */
const servers = new WeakMap<ReactRuntime, Redis>();

/** The I/O of each runtime whose data is in the main thread. */
const ioThreads = new WeakMap<ReactRuntime, IoThread>();

export default defineReactors({
  listeners: {
    redis: (options: RedisOptions, thread: ServingThread<DataThread>) => {
      if (isOneOfSeveral(thread)) return ioThreadOf(thread).handler;
      const redis = servers.get(thread.runtime) ??
        start(options, thread.runtime);
      servers.set(thread.runtime, redis);
      return redisHandler(redis);
    },
  },
  services: {
    io: (thread: OneOfSeveral<DataThread>) => ioThreadOf(thread),
  },
  onStop: (thread: ServingThread) => servers.get(thread.runtime)?.close(),
});

/** What the main thread does if there are several: it has the data, and takes its time from `runtime`. */
export function keepData(options: RedisOptions, runtime: ReactRuntime): Shared {
  const redis = start(options, runtime);
  return {
    services: { clients: (threads) => new RemoteClients(redis, threads) },
    async onStop() {
      redis.close();
      await runtime.stop();
    },
  };
}

function ioThreadOf({ runtime, ask }: OneOfSeveral<DataThread>): IoThread {
  const ioThread = ioThreads.get(runtime) ?? new IoThread(ask);
  ioThreads.set(runtime, ioThread);
  return ioThread;
}

function start(
  { appendonly, appendfsync }: RedisOptions,
  runtime: ReactRuntime,
): Redis {
  const redis = new Redis(() => runtime.adapter.clock.wallNow(), {
    save: "",
    databases: "16",
    maxmemory: "0",
    appendonly: appendonly === "" ? "no" : "yes",
    appendfsync,
    "proto-max-bulk-len": String(MAX_BULK_SIZE),
  });
  if (appendonly !== "") {
    redis.useFile(() => openFile(appendonly, appendfsync, redis, runtime));
    runtime.every(SYNC_MS, () => redis.onSecond());
  }
  runtime.every(EXPIRE_MS, () => redis.expireSome());
  return redis;
}

function openFile(
  path: string,
  policy: SyncPolicy,
  redis: Redis,
  runtime: ReactRuntime,
): AppendOnlyFile {
  const out = new ReplyWriter();
  const nobody = {
    peer: "",
    flush: () => {},
    close: () => {},
    end: () => {},
  };
  const loader = new Client(0, redis.databases[0], nobody);
  const run = (args: readonly string[]) => {
    out.truncate(0);
    execute(args, out, loader, redis);
    const reply = textOf(out.bytes, 0, out.size);
    if (!reply.startsWith("-")) return;
    throw new Error(`Cannot use ${path}: ${args[0]}: ${reply.slice(1).trim()}`);
  };
  return new AppendOnlyFile(path, run, {
    policy,
    defer: (callback) => void runtime.after(0, callback),
    onFailure: fail,
    onWritten: () => redis.onWritten(),
  });
}
