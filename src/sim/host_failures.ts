import type { FailureKind } from "../contract/failure.ts";
import type { TlsFailureReason } from "../contract/tls.ts";
import type { FaultPoint } from "./faults.ts";

const CONNECT_FAILURES: readonly FailureKind[] = [
  "refused",
  "unreachable",
  "timed-out",
  "exhausted",
];
const ACCEPT_FAILURES: readonly FailureKind[] = ["exhausted", "transient"];
const HANDSHAKE_FAILURES: readonly TlsFailureReason[] = [
  "closed",
  "expired",
  "untrusted",
  "no-common-version",
  "other",
];

/** Failures that a scenario asks for, used up one by one. */
class RequestedFailures<Kind extends string> {
  #kind: Kind | undefined = undefined;
  #count = 0;

  set(kind: Kind, count: number): void {
    this.#kind = kind;
    this.#count = count;
  }

  take(): Kind | undefined {
    return this.#count-- > 0 ? this.#kind : undefined;
  }
}

/** How a TLS handshake fails at one end. */
export interface HandshakeFault {
  /** Why it fails; with `"timeout"`, this end goes silent. */
  readonly reason: TlsFailureReason;
  /** It fails only after its first message. */
  readonly isLate: boolean;
}

/** Where failures strike at random. */
interface FailurePoints {
  readonly failedConnects: FaultPoint;
  readonly failedAccepts: FaultPoint;
  readonly failedHandshakes: FaultPoint;
  readonly stuckHandshakes: FaultPoint;
}

/** Decides what fails on a host: first what the scenario asks for, then what strikes at random. */
export class HostFailures {
  readonly accepts: RequestedFailures<FailureKind> = new RequestedFailures();
  readonly connects: RequestedFailures<FailureKind> = new RequestedFailures();
  readonly lookups: RequestedFailures<FailureKind> = new RequestedFailures();
  readonly handshakes: RequestedFailures<TlsFailureReason> =
    new RequestedFailures();
  readonly #points: FailurePoints;

  constructor(points: FailurePoints) {
    this.#points = points;
  }

  nextAccept(): FailureKind | undefined {
    return next(this.accepts, this.#points.failedAccepts, ACCEPT_FAILURES);
  }

  nextConnect(): FailureKind | undefined {
    return next(this.connects, this.#points.failedConnects, CONNECT_FAILURES);
  }

  nextHandshake(): HandshakeFault | undefined {
    const { stuckHandshakes, failedHandshakes } = this.#points;
    const byHand = this.handshakes.take();
    if (byHand !== undefined) return { reason: byHand, isLate: false };
    if (stuckHandshakes.strikes()) {
      const isLate = stuckHandshakes.amount(0, 1) === 1;
      return { reason: "timeout", isLate };
    }
    if (!failedHandshakes.strikes()) return undefined;
    return { reason: failedHandshakes.pick(HANDSHAKE_FAILURES), isLate: true };
  }
}

function next(
  byHand: RequestedFailures<FailureKind>,
  byRate: FaultPoint,
  kinds: readonly FailureKind[],
): FailureKind | undefined {
  const kind = byHand.take();
  if (kind !== undefined || !byRate.strikes()) return kind;
  return byRate.pick(kinds);
}
