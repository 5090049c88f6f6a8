// Topics, and filters that match several: chapter 4.7 of the standard.

/** A topic or filter has at most so many levels, so that no tree gets deeper. */
const MOST_LEVELS = 200;
/** Overhead of a level in the tree, besides its name: an estimate. */
const LEVEL_BYTES = 64;

const ONE = "+";
const REST = "#";

/** True if messages can be published to `topic`. */
export function isTopic(topic: string): boolean {
  return topic !== "" && !/[+#]/.test(topic) && isFlat(topic);
}

/** True if `filter` can be subscribed to. */
export function isFilter(filter: string): boolean {
  const levels = filter.split("/");
  return filter !== "" && isFlat(filter) &&
    levels.every((level, i) =>
      !/[+#]/.test(level) || level === ONE ||
      level === REST && i === levels.length - 1
    );
}

/** How many bytes `filter` counts towards the limits. */
export function sizeOfFilter(filter: string): number {
  return filter.length + LEVEL_BYTES * filter.split("/").length;
}

/** True if `topic` is the broker's own. A filter that begins with a wildcard does not match it. */
export function isReserved(topic: string): boolean {
  return topic.startsWith("$");
}

/** True if `filter` matches `topic`. */
export function matches(filter: string, topic: string): boolean {
  if (isReserved(topic) && /^[+#]/.test(filter)) return false;
  const wanted = filter.split("/");
  const levels = topic.split("/");
  for (const [i, level] of wanted.entries()) {
    if (level === REST) return true; // it matches the level above, too
    if (i >= levels.length || level !== ONE && level !== levels[i]) {
      return false;
    }
  }
  return wanted.length === levels.length;
}

function isFlat(topic: string): boolean {
  return topic.split("/", MOST_LEVELS + 1).length <= MOST_LEVELS;
}

/** Finds the subscriptions that match a topic, level by level. */
export class SubscriptionTree<Subscriber, Value> {
  readonly #root = new Level<Subscriber, Value>();

  set(filter: string, subscriber: Subscriber, value: Value): void {
    let level = this.#root;
    for (const name of filter.split("/")) {
      let next = level.below.get(name);
      if (next === undefined) level.below.set(name, next = new Level());
      level = next;
    }
    level.subscribers.set(subscriber, value);
  }

  delete(filter: string, subscriber: Subscriber): void {
    const names = filter.split("/");
    const path = [this.#root];
    for (const name of names) {
      const next = path[path.length - 1].below.get(name);
      if (next === undefined) return;
      path.push(next);
    }
    path[names.length].subscribers.delete(subscriber);
    for (let i = names.length; i > 0 && path[i].isEmpty; i--) {
      path[i - 1].below.delete(names[i - 1]);
    }
  }

  /** Calls `found` for each subscription that matches `topic`. */
  match(
    topic: string,
    found: (subscriber: Subscriber, value: Value) => void,
  ): void {
    const levels = topic.split("/");
    const tell = (level: Level<Subscriber, Value> | undefined) =>
      level?.subscribers.forEach((value, subscriber) =>
        found(subscriber, value)
      );
    const visit = (at: Level<Subscriber, Value>, i: number): void => {
      const isWild = i > 0 || !isReserved(topic);
      if (isWild) tell(at.below.get(REST));
      if (i === levels.length) return tell(at);
      const named = at.below.get(levels[i]);
      if (named !== undefined) visit(named, i + 1);
      const any = isWild ? at.below.get(ONE) : undefined;
      if (any !== undefined) visit(any, i + 1);
    };
    visit(this.#root, 0);
  }
}

class Level<Subscriber, Value> {
  readonly below = new Map<string, Level<Subscriber, Value>>();
  readonly subscribers = new Map<Subscriber, Value>();

  get isEmpty(): boolean {
    return this.below.size === 0 && this.subscribers.size === 0;
  }
}
