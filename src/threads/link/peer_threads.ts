import type { Engine } from "../../core/engine.ts";
import type { TurnLoop } from "../../core/turn_loop.ts";
import { UnknownRuntimeError, WorkerExitedError } from "../../api/errors.ts";
import { textOf } from "../../util/text.ts";
import { BufferedPort } from "./buffered_port.ts";
import { serveLink } from "./control.ts";
import {
  type Answerer,
  ReceivedQuestions,
} from "../asking/received_questions.ts";
import type { ThreadId } from "../thread_id.ts";
import { Link } from "./link.ts";
import type { LinkExecutor } from "./link_receiver.ts";
import type { Outlet, Port } from "./port.ts";
import type { ThreadCmdSender } from "../reactor_thread.ts";
import type { PeerThread } from "../commands/sent_commands.ts";
import { RemoteCmdSender } from "../commands/thread_cmd_senders.ts";

/** The links of a thread to the workers, and its senders to their runtimes. */
export class PeerThreads {
  readonly count: number;
  readonly #engine: Engine<unknown>;
  readonly #services: Answerer;
  readonly #executor: LinkExecutor | undefined;
  readonly #links: Link[] = [];
  readonly #senders: ThreadCmdSender[] = [];

  /** `services` answers incoming questions, and `executor`, if any, executes incoming commands. */
  constructor(
    count: number,
    engine: Engine<unknown>,
    services: Answerer,
    executor?: LinkExecutor,
  ) {
    this.count = count;
    this.#engine = engine;
    this.#services = services;
    this.#executor = executor;
    for (let runtimeId = 0; runtimeId < count; runtimeId++) {
      this.#links.push(lostLink(engine.loop, runtimeId));
      this.#senders.push(
        new RemoteCmdSender(this.#peer(runtimeId), engine.commands),
      );
    }
  }

  /** Opens a link from this worker to that of `runtimeId`, replacing the previous one. */
  open(runtimeId: number, port: Port): void {
    const buffered = new BufferedPort(port);
    serveLink(buffered, this.#engine.loop, this.add(runtimeId, buffered));
  }

  /** Adds a link to the worker of `runtimeId`; its port is served later. */
  add(runtimeId: number, port: Outlet): Link {
    const link = new Link(
      this.#engine.loop,
      port,
      this.#executor,
      new ReceivedQuestions(this.#engine, this.#services, runtimeId),
    );
    this.#links[runtimeId] = link;
    return link;
  }

  /** The worker of `runtimeId` is gone. */
  lose(runtimeId: number, error: Error): void {
    this.#links[runtimeId].lose(error);
  }

  /** Replaces the sender to `runtimeId`: a thread needs no link to itself. */
  setSender(runtimeId: number, sender: ThreadCmdSender): void {
    this.#senders[runtimeId] = sender;
  }

  /** The sender to `runtimeId`. Throws {@linkcode UnknownRuntimeError}. */
  sender(runtimeId: number): ThreadCmdSender {
    const sender = typeof runtimeId === "number"
      ? this.#senders[runtimeId]
      : undefined;
    if (sender !== undefined) return sender;
    throw new UnknownRuntimeError(
      `Cannot get the command sender of runtime ${
        textOf(runtimeId)
      }: there are 0 to ${this.count - 1}`,
    );
  }

  /** The link to the worker of `thread`; undefined if there is no such runtime. */
  link(thread: ThreadId): Link | undefined {
    return typeof thread === "number" ? this.#links[thread] : undefined;
  }

  /** Sends everything that has been collected. */
  flush(): void {
    for (const link of this.#links) link.flushAll();
  }

  #peer(runtimeId: number): PeerThread {
    const links = this.#links;
    return {
      runtimeId,
      loop: this.#engine.loop,
      get link() {
        return links[runtimeId];
      },
    };
  }
}

/** A port that leads nowhere. */
const NO_PORT: Outlet = { postMessage() {}, close() {} };

/** The link to a thread that is gone. */
function lostLink(loop: TurnLoop<unknown>, runtimeId: number): Link {
  const link = new Link(loop, NO_PORT);
  link.lose(
    new WorkerExitedError(`the thread of runtime ${runtimeId} is not there`),
  );
  return link;
}
