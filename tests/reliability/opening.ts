import {
  CommandCancelledError,
  type CommandResult,
  ConnectError,
  ConnectTimeoutError,
  NameNotFoundError,
  type ReactorID,
  type ReactRuntime,
  ResourcesExhaustedError,
  RuntimeStoppedError,
  type SimRandom,
} from "../../mod.ts";
import type { EndCmd } from "./chaos_end.ts";
import { ChaosListener, type ListenerNode } from "./chaos_listener.ts";
import { ChaosReactor } from "./chaos_reactor.ts";

const PORT = 80;

/** How much longer than its time limit a connect may take, in milliseconds: the process may be frozen meanwhile. */
const CONNECT_MARGIN_MS = 10_000;

/** The node that connects or listens. */
export interface OpeningNode extends ListenerNode {
  readonly runtime: ReactRuntime<EndCmd>;
  listener: ChaosListener | undefined;
  /** Waits for a promise, which must be settled by the end of the run. */
  call<T>(
    promise: Promise<T>,
    onDone: (value: T) => void,
    onFailed: (error: Error) => void,
  ): void;
  /** A promise was broken. */
  broke(what: string): void;
}

/** What checks the outcome of a connect or listen. */
interface Outcome {
  onDone(id: ReactorID): void;
  onFailed(error: Error): void;
}

/** Connects a process to a host, by a promise or by a command. */
export function connect(
  node: OpeningNode,
  random: SimRandom,
  host: string,
): void {
  const { runtime, cluster } = node;
  const end = new ChaosReactor(node, true, cluster.nodeOn(host));
  const isBrief = cluster.workload.profile.isTight && random.chance(0.2);
  const options = {
    ...end.config.options,
    connectTimeoutMs: isBrief ? random.integer(1, 1000) : 30_000,
  };
  const isLoopback = host === node.name && random.chance(0.5);
  const address = `${isLoopback ? "127.0.0.1" : host}:${PORT}`;
  const deadline = node.now() + options.connectTimeoutMs;
  const outcome: Outcome = {
    onDone(id) {
      const isRight = end.life.state !== "new" && end.reactorId === id &&
        end.refusal === undefined;
      if (!isRight) node.broke(`the connect of ${end} succeeded with ${id}`);
    },
    onFailed(error) {
      const isRight = end.refusal === undefined
        ? end.life.state === "new" && canFail(node, error)
        : end.refusal.isReason(error);
      const now = node.now();
      const isInTime = now <= deadline + CONNECT_MARGIN_MS &&
        (now >= deadline || !(error instanceof ConnectTimeoutError));
      if (!isRight || !isInTime) {
        node.broke(`the connect of ${end} failed: ${error}`);
      }
      end.isGivenUp = true;
    },
  };
  if (random.chance(0.5)) {
    const connecting = runtime.connect(address, end, options).then(idOf);
    return node.call(connecting, outcome.onDone, outcome.onFailed);
  }
  node.commands.send(
    random,
    { what: "connect" },
    (command) =>
      runtime.cmdSender.sendConnect(address, end, { ...options, ...command }),
    (result) => tell(outcome, result),
  );
}

/** Makes a process listen, by a promise or by a command, unless it does. */
export function listen(node: OpeningNode, random: SimRandom): void {
  if (node.listener !== undefined && !node.listener.isOver) return;
  const { runtime } = node;
  const listener = node.listener = new ChaosListener(node, random);
  const { maxConnections } = listener;
  const address = `0.0.0.0:${PORT}`;
  const outcome: Outcome = {
    onDone(id) {
      const isRight = id === listener.reactorId &&
        listener.refusal === undefined;
      if (!isRight) node.broke(`a listen succeeded with ${id}`);
    },
    onFailed(error) {
      const isRight = listener.refusal === undefined
        ? listener.state === "binding" && canFail(node, error)
        : error === listener.refusal;
      if (!isRight) node.broke(`a listen failed: ${error}`);
      listener.onFailed();
    },
  };
  if (random.chance(0.5)) {
    const listening = runtime.listen(address, listener, { maxConnections })
      .then(idOf);
    return node.call(listening, outcome.onDone, outcome.onFailed);
  }
  node.commands.send(
    random,
    { what: "listen" },
    (command) =>
      runtime.cmdSender.sendListen(address, listener, {
        ...command,
        maxConnections,
      }),
    (result) => tell(outcome, result),
  );
}

function tell(outcome: Outcome, result: CommandResult): void {
  if (result.ok) outcome.onDone(result.reactorId);
  else outcome.onFailed(result.error);
}

/** True if the network or a user can have caused that. */
function canFail(node: OpeningNode, error: Error): boolean {
  if (error instanceof RuntimeStoppedError) return node.isStopping;
  return error instanceof ConnectError || error instanceof NameNotFoundError ||
    error instanceof ResourcesExhaustedError ||
    error instanceof CommandCancelledError;
}

function idOf({ id }: { readonly id: ReactorID }): ReactorID {
  return id;
}
