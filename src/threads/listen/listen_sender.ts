import type { Address } from "../../contract/address.ts";
import type { OpenResult } from "../../api/command.ts";
import type { RemoteCmdSender } from "../commands/thread_cmd_senders.ts";
import type { ThreadCmdSender } from "../reactor_thread.ts";
import type { Acceptor } from "../relay/acceptor.ts";
import { workerThreads } from "../worker_threads.ts";
import type { SharedListenOptions } from "./shared_listen.ts";

/** Makes threads listen with a handler that a factory makes from a parameter. */
export class ListenSender {
  readonly #senders: (runtimeId: number) => ThreadCmdSender;
  readonly #name: string;
  readonly #param: unknown;

  constructor(
    senders: (runtimeId: number) => ThreadCmdSender,
    name: string,
    param: unknown,
  ) {
    this.#senders = senders;
    this.#name = name;
    this.#param = param;
  }

  /** The thread of a runtime listens on `address`. */
  listen(
    runtimeId: number,
    address: Address,
    options: SharedListenOptions,
    transfer?: readonly unknown[],
  ): Promise<OpenResult> {
    const sender = this.#senders(runtimeId) as RemoteCmdSender;
    return new Promise((completion) => {
      sender.sendListen(
        address,
        this.#name,
        this.#param,
        { ...options, completion },
        transfer,
      );
    });
  }

  /** The thread of a runtime gets connections from `acceptor`. */
  async relay(
    runtimeId: number,
    acceptor: Acceptor,
    options: SharedListenOptions,
  ): Promise<OpenResult> {
    const { address } = acceptor;
    const { port1, port2 } = new (workerThreads().MessageChannel)();
    const relay = { port: port2, address };
    // Clients that waited at an inherited socket come before any thread listens:
    // it gets them when it does.
    const isFirst = !acceptor.hasPorts;
    if (isFirst) acceptor.addPort(runtimeId, port1);
    const result = await this.listen(
      runtimeId,
      address,
      { ...options, relay },
      [port2],
    );
    if (result.ok && !isFirst) acceptor.addPort(runtimeId, port1);
    if (!result.ok) {
      if (isFirst) acceptor.removePort(runtimeId);
      port1.close();
    }
    return result;
  }
}
