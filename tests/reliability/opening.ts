import {
  CommandCancelledError,
  type CommandResult,
  ConnectError,
  ConnectTimeoutError,
  NameNotFoundError,
  type ReactorID,
  ResourcesExhaustedError,
  RuntimeStoppedError,
  type SimRandom,
} from "../../mod.ts";
import { ChaosListener } from "./chaos_listener.ts";
import { ChaosReactor } from "./chaos_reactor.ts";
import type { Site } from "./chaos_node.ts";

const PORT = 80;

/** Milliseconds beyond its time limit that a connect may take: the process may stand still meanwhile. */
const CONNECT_MARGIN_MS = 10_000;

/** Told how a connect or listen ended. */
interface Outcome {
  onDone(id: ReactorID): void;
  onFailed(error: Error): void;
}

/** Has a process connect to a host, by a promise or by a command. */
export function connect(site: Site, random: SimRandom, host: string): void {
  const { runtime, world } = site;
  const end = new ChaosReactor(site, true, world.siteOn(host));
  const isBrief = world.ground.temper.isTight && random.chance(0.2);
  const options = {
    ...end.traits.options,
    connectTimeoutMs: isBrief ? random.integer(1, 1000) : 30_000,
  };
  const isLoopback = host === site.name && random.chance(0.5);
  const address = `${isLoopback ? "127.0.0.1" : host}:${PORT}`;
  const deadline = site.now() + options.connectTimeoutMs;
  const outcome: Outcome = {
    onDone(id) {
      const isRight = end.life.state !== "new" && end.reactorId === id &&
        end.refusal === undefined;
      if (!isRight) site.broke(`the connect of ${end} was told ok by ${id}`);
    },
    onFailed(error) {
      const isRight = end.refusal === undefined
        ? end.life.state === "new" && canFail(site, error)
        : end.refusal.isReason(error);
      const now = site.now();
      const isInTime = now <= deadline + CONNECT_MARGIN_MS &&
        (now >= deadline || !(error instanceof ConnectTimeoutError));
      if (!isRight || !isInTime) {
        site.broke(`the connect of ${end} failed: ${error}`);
      }
      end.isGivenUp = true;
    },
  };
  if (random.chance(0.5)) {
    const connecting = runtime.connect(address, end, options);
    return site.call(connecting, outcome.onDone, outcome.onFailed);
  }
  site.commands.send(
    random,
    { what: "connect" },
    (command) =>
      runtime.cmdSender.sendConnect(address, end, { ...options, ...command }),
    (result) => tell(outcome, result),
  );
}

/** Has a process listen, by a promise or by a command, unless it does. */
export function listen(site: Site, random: SimRandom): void {
  if (site.listener !== undefined && !site.listener.isOver) return;
  const { runtime } = site;
  const listener = site.listener = new ChaosListener(site, random);
  const { maxConnections } = listener;
  const address = `0.0.0.0:${PORT}`;
  const outcome: Outcome = {
    onDone(id) {
      const isRight = id === listener.reactorId &&
        listener.refusal === undefined;
      if (!isRight) site.broke(`a listen was told ok by ${id}`);
    },
    onFailed(error) {
      const isRight = listener.refusal === undefined
        ? listener.state === "binding" && canFail(site, error)
        : error === listener.refusal;
      if (!isRight) site.broke(`a listen failed: ${error}`);
      listener.onFailed();
    },
  };
  if (random.chance(0.5)) {
    const listening = runtime.listen(address, listener, { maxConnections });
    return site.call(listening, outcome.onDone, outcome.onFailed);
  }
  site.commands.send(
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

/** True if the network, or a user, can have brought that about. */
function canFail(site: Site, error: Error): boolean {
  if (error instanceof RuntimeStoppedError) return site.isStopping;
  return error instanceof ConnectError || error instanceof NameNotFoundError ||
    error instanceof ResourcesExhaustedError ||
    error instanceof CommandCancelledError;
}
