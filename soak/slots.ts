import {
  type Address,
  CommandCancelledError,
  type CommandId,
  type CommandOptions,
  type CommandResult,
  ConnectionRefusedError,
  ConnectTimeoutError,
  RuntimeStoppedError,
  type SimRandom,
} from "../mod.ts";
import { ClientEnd } from "./client_end.ts";
import { InjectedError } from "./reasons.ts";
import type { SoakNode } from "./soak_node.ts";
import type { SoakHarness } from "./harness.ts";
import { tcp } from "../tests/support/tcp.ts";

const LONGEST_BREAK_MS = 60;
const LONGEST_CONNECT_MS = 20_000;

/** An address where nothing listens. */
const NOBODY: Address = tcp("127.0.0.1", 1);

/**
 * The nodes that clients use and the addresses that they connect to, both of
 * which keep changing.
 */
export interface SoakTopology {
  /** Picks the node of the next client. */
  node(): SoakNode;
  /** The address of the library's server. */
  library(): Address;
  /** The address of the plain sockets' server. */
  readonly peers: Address;
}

/** The settings of a connect. */
interface Attempt {
  readonly end: ClientEnd;
  readonly node: SoakNode;
  readonly to: Address;
  readonly byPromise: boolean;
  readonly delayMs: number;
  readonly cancelAfterMs: number | undefined;
  readonly timeoutMs: number;
}

/** Keeps one client of the library connected until the soak rests. */
export async function runSlot(
  harness: SoakHarness,
  topology: SoakTopology,
  random: SimRandom,
): Promise<void> {
  while (!harness.isResting) {
    await connectOnce(harness, topology, random);
    await sleep(random.integer(0, LONGEST_BREAK_MS));
  }
}

async function connectOnce(
  harness: SoakHarness,
  topology: SoakTopology,
  random: SimRandom,
): Promise<void> {
  const node = topology.node();
  if (node.isStopping) return;
  const choice = random.integer(0, 99);
  const toLibrary = choice < 60;
  const attempt: Attempt = {
    node,
    end: new ClientEnd(harness, node, random, toLibrary),
    to: toLibrary ? topology.library() : choice < 98 ? topology.peers : NOBODY,
    byPromise: random.chance(0.5),
    delayMs: random.chance(0.2) ? random.integer(1, 50) : 0,
    cancelAfterMs: random.chance(0.05) ? random.integer(0, 5) : undefined,
    timeoutMs: random.chance(0.02) ? 1 : LONGEST_CONNECT_MS,
  };
  const late = setTimeout(
    () =>
      harness.tally.breaks(`a connect does not end: ${attempt.end.describe()}`),
    2 * LONGEST_CONNECT_MS,
  );
  const result = await connect(attempt);
  clearTimeout(late);
  checkResult(harness, attempt, result);
  if (attempt.end.wasConnected) await attempt.end.closed;
}

function connect(attempt: Attempt): Promise<CommandResult> {
  const { node, end, to, byPromise, timeoutMs, delayMs, cancelAfterMs } =
    attempt;
  const options = { ...end.options, connectTimeoutMs: timeoutMs };
  if (byPromise) {
    return node.runtime.connect(to, end, options).then(
      ({ id }) => ({ ok: true, reactorId: id }),
      (error) => ({ ok: false, error }),
    );
  }
  const send = (command: CommandOptions): CommandId =>
    node.runtime.cmdSender.sendConnect(to, end, { ...options, ...command });
  return node.commands.watch(delayMs, send, cancelAfterMs);
}

/** Checks that a connect succeeds, or fails for a known reason. */
function checkResult(
  harness: SoakHarness,
  attempt: Attempt,
  result: CommandResult,
): void {
  const { end, to, node, timeoutMs } = attempt;
  const { tally } = harness;
  if (result.ok) {
    if (!end.wasConnected || to === NOBODY) {
      tally.breaks(`connected, and it was not: ${end.describe()}`);
    }
    return;
  }
  const { error } = result;
  const wasRefused = error instanceof InjectedError;
  if (wasRefused !== end.wasConnected) {
    tally.breaks(`${error}, and it was connected: ${end.describe()}`);
  }
  if (error instanceof ConnectionRefusedError) {
    tally.fault("connect refused");
  } else if (error instanceof ConnectTimeoutError && timeoutMs === 1) {
    tally.fault("connect timed out");
  } else if (codeOf(error) === "ECONNRESET") {
    // The listener was closed before it accepted this connection.
    tally.fault("connect reset");
  } else if (
    !wasRefused && !(error instanceof CommandCancelledError) &&
    !(error instanceof RuntimeStoppedError && node.isStopping)
  ) {
    tally.breaks(`cannot connect: ${error}`);
  }
}

function codeOf({ cause }: Error): string | undefined {
  return (cause as { code?: string } | undefined)?.code;
}

export function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
