import type { OneOfSeveral, Shared } from "../../../examples/serve.ts";
import reactors from "../../../examples/redis_server/reactors.ts";
import type {
  Asker,
  AskOptions,
  CommandOptions,
  ReactorID,
  ReactorThreads,
  ReactRuntime,
  UserCommandResult,
} from "../../../mod.ts";

type Service = Record<string, (param: unknown, from: Asker) => unknown>;

/** Milliseconds from one thread to the other. */
const LATENCY = 1;

/** One of two threads, as the server sees it, in the same thread as the other: what goes from one to the other is a copy, and comes later, in order. */
export class NearThread {
  readonly #runtime: ReactRuntime;
  readonly #services: Record<string, Service> = {};
  /** How many questions to the main thread were not answered at once. */
  mostUnanswered = 0;
  #unansweredCount = 0;
  readonly #toMain: (() => void)[] = [];
  readonly #fromMain: (() => void)[] = [];

  /** `services` are those of the main thread. */
  constructor(runtime: ReactRuntime, services: Shared["services"]) {
    this.#runtime = runtime;
    for (const [name, make] of Object.entries(services)) {
      this.#services[name] = make(this.#main) as Service;
    }
  }

  /** What the factories of the module are given. */
  get serving(): OneOfSeveral {
    return {
      runtime: this.#runtime,
      runtimeId: 0,
      threadCount: 1,
      ask: (_main, name, param, options) => {
        const count = ++this.#unansweredCount;
        this.mostUnanswered = Math.max(this.mostUnanswered, count);
        const ask = this.#ask(this.#services, this.#toMain, this.#fromMain);
        return ask(name, param, options).finally(() =>
          this.#unansweredCount--
        ) as Promise<never>;
      },
    };
  }

  /** What the services of the main thread are given. */
  get #main(): ReactorThreads {
    const { cmdSender } = this.#runtime;
    const services = {
      io: reactors.services.io(
        this.serving,
      ) as unknown as Service,
    };
    return {
      threadCount: 1,
      ask: (
        _thread: number,
        name: string,
        param: unknown,
        options: AskOptions,
      ) =>
        this.#ask(services, this.#fromMain, this.#toMain)(name, param, options),
      getCmdSender: () => ({
        runtimeId: 0,
        sendUserCmd: (
          id: ReactorID,
          cmd: unknown,
          options: CommandOptions<UserCommandResult<unknown>>,
        ) => {
          const copy = structuredClone(cmd);
          this.#send(
            this.#fromMain,
            () => void cmdSender.sendUserCmd(id, copy as never, options),
          );
        },
      }),
    } as unknown as ReactorThreads;
  }

  #ask(
    services: Record<string, Service>,
    there: (() => void)[],
    back: (() => void)[],
  ) {
    return (name: string, param: unknown, options?: AskOptions) => {
      const { signal = new AbortController().signal } = options ?? {};
      const copy = structuredClone(param);
      const [service, called] = name.split(".");
      const from = new AbortController();
      return new Promise<unknown>((resolve, reject) => {
        signal.addEventListener("abort", () => {
          reject(signal.reason);
          this.#send(there, () => from.abort());
        });
        this.#send(there, () => {
          const asker = { thread: 0, signal: from.signal };
          const answer = services[service][called](copy, asker);
          const succeed = (value: unknown) =>
            this.#send(back, () => resolve(value));
          if (answer instanceof Promise) void answer.then(succeed);
          else succeed(answer);
        });
      });
    };
  }

  /** Does `action` behind those in the same queue, a time of its own later. */
  #send(queue: (() => void)[], action: () => void): void {
    const next = () => {
      queue[0]();
      queue.shift();
      if (queue.length > 0) this.#runtime.after(LATENCY, next);
    };
    if (queue.push(action) === 1) this.#runtime.after(LATENCY, next);
  }
}
