import { outsideAsyncContext } from "../adapters/async_context.ts";
import { Timed, TimerHeap } from "../util/timer_heap.ts";

/** Something that happens at a point of virtual time, in microseconds. */
export abstract class SimEvent extends Timed {
  /** It is due. */
  abstract fire(): void;
}

/** An event that is a callback. */
export class CallbackEvent extends SimEvent {
  readonly fire: () => void;

  constructor(fire: () => void) {
    super();
    this.fire = fire;
  }
}

interface ImmediateHost {
  setImmediate(callback: () => void): unknown;
}

const host = globalThis as unknown as ImmediateHost;

/** The last point of virtual time, in microseconds. */
const END_OF_TIME = Number.MAX_SAFE_INTEGER;

/**
 * Virtual time: fires one event after the other, as long as there are any. After
 * each that called something outside of the simulation it lets the runtime run
 * what is ready, so that chains of awaits are finished before time moves on.
 */
export class Scheduler {
  /** Microseconds since the beginning. */
  now = 0;
  /** How many events have happened. */
  eventCount = 0;
  /** Set by an event that calls something outside of the simulation. */
  hasCalledOut = false;
  /** Beyond these limits `onLimit` is called, and no event fires. */
  maxEvents = Infinity;
  maxTime = Infinity;

  /** Called with what an event threw. */
  onThrown: (thrown: unknown) => void = throwLater;
  /** Called when nothing is left to happen. */
  onIdle: () => void = () => {};
  /** Called when a limit is exceeded. */
  onLimit: () => void = () => {};
  /** Called before every event, when everything that the last one caused is done. Returns true if it called something outside of the simulation. */
  beforeEvent: () => boolean = () => false;

  readonly #heap = new TimerHeap<SimEvent>();
  #isAwake = false;
  #hasEnded = false;

  /** Schedules `event`, which must not be scheduled yet, for the time `at`, or for now if that is past. */
  push(event: SimEvent, at: number): void {
    this.#heap.push(event, Math.min(at, END_OF_TIME));
    this.wake();
  }

  /** Schedules `event` in `delay` microseconds. */
  after(event: SimEvent, delay: number): void {
    this.push(event, this.now + delay);
  }

  /** Cancels `event`; false if it was not scheduled. */
  remove(event: SimEvent): boolean {
    return this.#heap.remove(event);
  }

  /** If it is at rest, goes on as soon as the runtime has run what is ready. */
  wake(): void {
    if (this.#isAwake || this.#hasEnded) return;
    this.#isAwake = true;
    outsideAsyncContext(host.setImmediate, this.#turn);
  }

  /** Ends the simulation: no event fires any more. */
  end(): void {
    this.#hasEnded = true;
    while (this.#heap.pop() !== undefined);
  }

  readonly #turn = (): void => {
    this.hasCalledOut = this.beforeEvent();
    while (!this.hasCalledOut && !this.#hasEnded) {
      const event = this.#heap.pop();
      if (event === undefined) {
        this.#isAwake = false;
        return this.onIdle();
      }
      if (event.deadline > this.now) this.now = event.deadline;
      if (++this.eventCount > this.maxEvents || this.now > this.maxTime) {
        return this.onLimit();
      }
      this.#fire(event);
    }
    if (!this.#hasEnded) outsideAsyncContext(host.setImmediate, this.#turn);
  };

  #fire(event: SimEvent): void {
    try {
      event.fire();
    } catch (thrown) {
      this.hasCalledOut = true;
      this.onThrown(thrown);
    }
  }
}

/** Throws outside of the event, as an uncaught error. */
function throwLater(thrown: unknown): void {
  host.setImmediate(() => {
    throw thrown;
  });
}
