import {
  type Address,
  CommandCancelledError,
  type CommandId,
  type CommandOptions,
  type CommandResult,
  ConnectionRefusedError,
  ConnectTimeoutError,
  RuntimeStoppedError,
} from "../mod.ts";
import type { Random } from "../tests/random.ts";
import { ClientEnd } from "./client_end.ts";
import { MischiefError } from "./reasons.ts";
import type { Site } from "./site.ts";
import type { World } from "./world.ts";
import { tcp } from "../tests/tcp.ts";

const LONGEST_BREAK_MS = 60;
const LONGEST_CONNECT_MS = 20_000;

/** Nobody listens there. */
const NOBODY = tcp("127.0.0.1", 1);

/** What the clients connect from and to; it changes all the time. */
export interface Places {
  /** Where the next client lives. */
  site(): Site;
  /** Where the library listens. */
  library(): Address;
  /** Where the plain sockets listen. */
  readonly peers: Address;
}

/** How a connect is made. */
interface Attempt {
  readonly end: ClientEnd;
  readonly site: Site;
  readonly to: Address;
  readonly byPromise: boolean;
  readonly delayMs: number;
  readonly cancelAfterMs: number | undefined;
  readonly timeoutMs: number;
}

/** Keeps one client of the library connected, until the world rests. */
export async function runSlot(
  world: World,
  places: Places,
  random: Random,
): Promise<void> {
  while (!world.isResting) {
    await connectOnce(world, places, random);
    await sleep(random.integer(0, LONGEST_BREAK_MS));
  }
}

async function connectOnce(
  world: World,
  places: Places,
  random: Random,
): Promise<void> {
  const site = places.site();
  if (site.isStopping) return;
  const choice = random.integer(0, 99);
  const toLibrary = choice < 60;
  const attempt: Attempt = {
    site,
    end: new ClientEnd(world, site, random, toLibrary),
    to: toLibrary ? places.library() : choice < 98 ? places.peers : NOBODY,
    byPromise: random.chance(0.5),
    delayMs: random.chance(0.2) ? random.integer(1, 50) : 0,
    cancelAfterMs: random.chance(0.05) ? random.integer(0, 5) : undefined,
    timeoutMs: random.chance(0.02) ? 1 : LONGEST_CONNECT_MS,
  };
  const late = setTimeout(
    () =>
      world.tally.breaks(`a connect does not end: ${attempt.end.describe()}`),
    2 * LONGEST_CONNECT_MS,
  );
  const result = await connect(attempt);
  clearTimeout(late);
  checkResult(world, attempt, result);
  if (attempt.end.wasConnected) await attempt.end.closed;
}

function connect(attempt: Attempt): Promise<CommandResult> {
  const { site, end, to, byPromise, timeoutMs, delayMs, cancelAfterMs } =
    attempt;
  const options = { ...end.options, connectTimeoutMs: timeoutMs };
  if (byPromise) {
    return site.runtime.connect(to, end, options).then(
      (reactorId) => ({ ok: true, reactorId }),
      (error) => ({ ok: false, error }),
    );
  }
  const send = (command: CommandOptions): CommandId =>
    site.runtime.cmdSender.sendConnect(to, end, { ...options, ...command });
  return site.commands.watch(delayMs, send, cancelAfterMs);
}

/** A connect succeeds, or fails for a reason that it was given. */
function checkResult(
  world: World,
  attempt: Attempt,
  result: CommandResult,
): void {
  const { end, to, site, timeoutMs } = attempt;
  const { tally } = world;
  if (result.ok) {
    if (!end.wasConnected || to === NOBODY) {
      tally.breaks(`connected, and it was not: ${end.describe()}`);
    }
    return;
  }
  const { error } = result;
  const wasRefused = error instanceof MischiefError;
  if (wasRefused !== end.wasConnected) {
    tally.breaks(`${error}, and it was connected: ${end.describe()}`);
  }
  if (error instanceof ConnectionRefusedError) {
    tally.fault("connect refused");
  } else if (error instanceof ConnectTimeoutError && timeoutMs === 1) {
    tally.fault("connect timed out");
  } else if (codeOf(error) === "ECONNRESET") {
    // The listener closed before it had accepted it.
    tally.fault("connect reset");
  } else if (
    !wasRefused && !(error instanceof CommandCancelledError) &&
    !(error instanceof RuntimeStoppedError && site.isStopping)
  ) {
    tally.breaks(`cannot connect: ${error}`);
  }
}

function codeOf({ cause }: Error): string | undefined {
  return (cause as { code?: string } | undefined)?.code;
}

/** Resolves after `ms` milliseconds. */
export function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
