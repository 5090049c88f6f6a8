import type { FaultPoint } from "./faults.ts";
import type { Kernel } from "./kernel.ts";
import { Path } from "./path.ts";
import { CallbackEvent } from "./scheduler.ts";

const LONGEST_PARTITION = 3_000_000;
const LOOPBACK = { latencyMs: 0.01, jitterMs: 0.01, bytesPerSecond: Infinity };

/** What the topology needs of a host. */
export interface LinkedHost {
  readonly name: string;
}

/** What the topology needs of a connection. */
export interface LinkedConnection {
  /** True if it runs between `a` and `b`; `undefined` stands for any host. */
  isBetween(a: LinkedHost | undefined, b: LinkedHost | undefined): boolean;
  /** Resets it at both ends. */
  break(): void;
}

/** The links between hosts, and the connections that cross them. */
export class Topology {
  readonly connections = new Set<LinkedConnection>();
  readonly #kernel: Kernel;
  readonly #paths = new Map<string, Path>();

  constructor(kernel: Kernel) {
    this.#kernel = kernel;
  }

  /** The path from one host to another, or within one. */
  path(from: LinkedHost, to: LinkedHost): Path {
    const { scheduler, settings } = this.#kernel;
    const label = `${from.name}~${to.name}`;
    let path = this.#paths.get(label);
    if (path === undefined) {
      const isLoopback = from === to;
      path = new Path(
        scheduler,
        this.#kernel.seedOf(label),
        `${from.name}–${to.name}`,
        isLoopback ? LOOPBACK : settings.link,
        isLoopback,
      );
      this.#paths.set(label, path);
    }
    return path;
  }

  /** Cuts a link in both directions for as long as the fault lasts. */
  failLink(there: Path, back: Path, fault: FaultPoint): void {
    const mend = new CallbackEvent(() => {
      const isMended = there.mend(mend);
      if (back.mend(mend) || isMended) {
        this.#kernel.addToTrace("network", `${there.name} mended`);
      }
    });
    there.fail(mend);
    back.fail(mend);
    this.#kernel.scheduler.after(mend, fault.amount(1, LONGEST_PARTITION));
  }
}
