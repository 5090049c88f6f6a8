import type { Adapter } from "../contract/adapter.ts";
import type { TcpAddress } from "../contract/address.ts";
import type { PendingConnect } from "../contract/connect.ts";
import type { SocketFailure } from "../contract/failure.ts";
import type { ResolveEvents } from "../contract/resolve.ts";
import type { Socket } from "../contract/socket.ts";
import {
  connectErrorOf,
  connectFailure,
  isSelfConnect,
  SELF_CONNECT,
} from "./connect_failures.ts";
import type { Failure } from "./failures.ts";
import {
  outcomesText,
  raceError,
  thrownFailure,
  unknownName,
} from "./race_failures.ts";
import { Timeout } from "./time_limits.ts";
import type { TurnLoop } from "./turn_loop.ts";
import { MAX_RACING_ADDRESSES } from "../tuning.ts";

/**
 * Callbacks for the outcome of a race. Exactly one is called, once, unless the
 * race is cancelled.
 */
export interface RaceEvents {
  /** The first address that answered is connected. */
  onWon(socket: Socket): void;
  /** No address could be connected to. */
  onLost(error: Error): void;
}

/**
 * How many milliseconds to wait for an answer before trying the next address as
 * well; RFC 8305 recommends this value.
 */
const ATTEMPT_DELAY_MS = 250;

/**
 * Returns the order in which to try the addresses of a name: each once,
 * alternating between the families, otherwise in the order of the system,
 * starting with its first.
 */
export function raceOrder(hostnames: readonly string[]): string[] {
  const all = [...new Set(hostnames)];
  const isIpv6 = (hostname: string) => hostname.includes(":");
  const families = [true, false].map((family) =>
    all.filter((hostname) => isIpv6(hostname) === family)
  );
  if (all.length > 0 && !isIpv6(all[0])) families.reverse();
  return all
    .flatMap((_, i) => families.flatMap((family) => family.slice(i, i + 1)))
    .slice(0, MAX_RACING_ADDRESSES);
}

/**
 * A connect to a name, which tries several addresses. The next one is tried
 * when the previous one has failed, or has not answered for a while; earlier
 * attempts continue. The first that connects wins, and the others are
 * cancelled.
 */
export class AddressRace<UserCommand> implements ResolveEvents, PendingConnect {
  readonly #loop: TurnLoop<UserCommand>;
  readonly #adapter: Adapter;
  readonly #target: TcpAddress;
  readonly #events: RaceEvents;
  readonly #nextIsDue = new Timeout(() => this.#tryNext());
  /** Undefined while the name is being resolved. */
  #hostnames: readonly string[] | undefined = undefined;
  #triedCount = 0;
  readonly #underWay = new Map<string, PendingConnect>();
  readonly #failures = new Map<string, Failure>();
  #isOver = false;

  /** Starts the race. `target` is a name, and `adapter` can resolve names. */
  constructor(
    loop: TurnLoop<UserCommand>,
    adapter: Adapter,
    target: TcpAddress,
    events: RaceEvents,
  ) {
    this.#loop = loop;
    this.#adapter = adapter;
    this.#target = target;
    this.#events = events;
    adapter.resolve?.(target.hostname, this);
  }

  /** The progress so far, to append to a message. */
  get progress(): string {
    if (this.#hostnames === undefined) {
      return ": its name was not found by then";
    }
    const underWay = Array.from(
      this.#underWay.keys(),
      (hostname) => [hostname, { reason: "no answer" }] as const,
    );
    return ` ${outcomesText([...this.#failures, ...underWay])}`;
  }

  cancel(): void {
    this.#isOver = true;
    this.#loop.disarm(this.#nextIsDue);
    for (const pending of this.#underWay.values()) pending.cancel();
    this.#underWay.clear();
  }

  onResolve(hostnames: readonly string[]): void {
    if (this.#isOver) return;
    this.#loop.onSocketEvent();
    this.#hostnames = raceOrder(hostnames);
    if (this.#hostnames.length > 0) this.#tryNext();
    else this.#loseBy(unknownName(this.#target.hostname));
  }

  onResolveError(failure: SocketFailure): void {
    if (this.#isOver) return;
    this.#loop.onSocketEvent();
    this.#loseBy(connectFailure(this.#target, failure));
  }

  #tryNext(): void {
    const hostnames = this.#hostnames as readonly string[];
    const hostname = hostnames[this.#triedCount++];
    const address = { ...this.#target, hostname };
    const isLast = this.#triedCount === hostnames.length;
    if (isLast) this.#loop.disarm(this.#nextIsDue);
    else this.#loop.arm(this.#nextIsDue, ATTEMPT_DELAY_MS);
    try {
      const pending = this.#adapter.connect({ address }, {
        onConnect: (socket) => this.#onConnect(hostname, socket),
        onConnectError: (failure) =>
          this.#onFailed(hostname, connectFailure(address, failure)),
      });
      this.#underWay.set(hostname, pending);
    } catch (thrown) {
      this.#onFailed(hostname, thrownFailure(thrown));
    }
  }

  #onConnect(hostname: string, socket: Socket): void {
    if (isSelfConnect(socket, this.#target)) {
      socket.destroy();
      return this.#onFailed(hostname, SELF_CONNECT);
    }
    this.#loop.onSocketEvent();
    this.#underWay.delete(hostname);
    this.cancel();
    this.#events.onWon(socket);
  }

  #onFailed(hostname: string, failure: Failure): void {
    this.#loop.onSocketEvent();
    this.#underWay.delete(hostname);
    this.#failures.set(hostname, failure);
    const hostnames = this.#hostnames as readonly string[];
    const isNewest = hostname === hostnames[this.#triedCount - 1];
    if (this.#triedCount < hostnames.length) {
      if (isNewest) this.#tryNext();
    } else if (this.#underWay.size === 0) {
      this.#lose(raceError(this.#target, this.#failures));
    }
  }

  #loseBy(failure: Failure): void {
    this.#lose(connectErrorOf(this.#target, failure));
  }

  #lose(error: Error): void {
    this.cancel();
    this.#events.onLost(error);
  }
}
