import { type ChildProcess, spawn } from "node:child_process";
import { connect, type Socket } from "node:net";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { Worker } from "node:worker_threads";
import type { Address, SocketAddress } from "../../mod.ts";
import type { AnsweringPeer } from "./environment.ts";
import { built } from "../support/built.ts";
import { signal, sleep } from "./support.ts";
import { asTcp, tcp } from "../support/tcp.ts";

/** The URL of the module `name` of tests/children on this runtime. */
export function childUrl(name: string): URL {
  return new URL(built(`../children/${name}.ts`), import.meta.url);
}

/** The command that runs a module of tests/children on this runtime. */
export function commandOf(name: string, ...args: unknown[]): string[] {
  return [
    process.execPath,
    ..."Deno" in globalThis ? ["run", "--allow-all"] : [],
    fileURLToPath(childUrl(name)),
    ...args.map(String),
  ];
}

/** Starts a process whose stderr is ours. */
export function start([program, ...args]: string[]): ChildProcess {
  return spawn(program, args, { stdio: ["pipe", "pipe", "inherit"] });
}

/** Resolves to the first line that `child` prints. */
export function firstLine(child: ChildProcess): Promise<string> {
  const line = signal<string>();
  let text = "";
  child.stdout!.on("data", (chunk) => {
    text += chunk;
    if (text.includes("\n")) line.resolve(text.slice(0, text.indexOf("\n")));
  });
  child.on("exit", (code) => line.reject(new Error(`ended with ${code}`)));
  child.on("error", line.reject);
  return line.promise;
}

/** Connects a peer that runs in another thread. */
export async function connectAnsweringPeer(
  address: SocketAddress,
): Promise<AnsweringPeer> {
  const { port } = asTcp(address);
  const shared = new Int32Array(new SharedArrayBuffer(8));
  const worker = new Worker(childUrl("answering_peer"), {
    workerData: { port, shared },
  });
  const gone = signal<unknown>();
  worker.on("exit", gone.resolve);
  await Atomics.waitAsync(shared, 0, 0).value;
  return {
    get answeredCount() {
      return Atomics.load(shared, 0) - 1;
    },
    begin() {
      Atomics.store(shared, 1, 1);
      Atomics.notify(shared, 1);
    },
    gone: gone.promise,
  };
}

const WAVE = 64;

/** An address of this machine where connects never complete. */
export class BlackHoleListener {
  readonly address: Address;
  readonly #worker: Worker;
  readonly #shared: Int32Array;
  readonly #fillers: Socket[] = [];

  private constructor(
    worker: Worker,
    shared: Int32Array,
    path: string | undefined,
  ) {
    this.address = path === undefined
      ? tcp("127.0.0.1", shared[1])
      : { transport: "unix", path };
    this.#worker = worker;
    this.#shared = shared;
  }

  /**
   * Opens one on a port, or on a Unix socket at `path`, where connects fail at
   * once.
   */
  static async open(path?: string): Promise<BlackHoleListener> {
    const shared = new Int32Array(new SharedArrayBuffer(8));
    const worker = new Worker(childUrl("black_hole"), {
      workerData: { shared, path },
    });
    await Atomics.waitAsync(shared, 1, 0).value;
    const listener = new BlackHoleListener(worker, shared, path);
    await listener.#fillBacklog();
    return listener;
  }

  async close(): Promise<void> {
    const ended = signal<unknown>();
    this.#worker.on("exit", ended.resolve);
    Atomics.store(this.#shared, 0, 1);
    Atomics.notify(this.#shared, 0);
    for (const filler of this.#fillers) filler.destroy();
    await ended.promise;
  }

  async #fillBacklog(): Promise<void> {
    let isFull = false;
    while (!isFull) {
      const connects = Array.from({ length: WAVE }, () => this.#connect());
      isFull = await Promise.race([
        Promise.all(connects).then((connected) => connected.includes(false)),
        sleep(300).then(() => true),
      ]);
    }
  }

  /** Resolves to false if the connect fails. */
  #connect(): Promise<boolean> {
    const connected = signal<boolean>();
    const socket = this.address.transport === "unix"
      ? connect({ path: this.address.path })
      : connect({ host: "127.0.0.1", port: asTcp(this.address).port });
    socket.on("connect", () => connected.resolve(true));
    socket.on("error", () => connected.resolve(false)); // or it is destroyed
    this.#fillers.push(socket);
    return connected.promise;
  }
}
