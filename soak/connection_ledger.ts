import { show, type Side } from "./frames.ts";

/** The report of one end after its connection is over. */
export interface EndReport {
  readonly tag: number;
  readonly side: Side;
  /** A description of the end and of how it ended, for messages. */
  readonly story: string;
  /** Bytes that a send accepted. */
  readonly accepted: number;
  /** Bytes that were received and correct. */
  readonly received: number;
  /** Whole frames that a send accepted. */
  readonly framesSent: number;
  /** Whole frames received. */
  readonly framesReceived: number;
  /** True if it has read the FIN of the other end. */
  readonly heardFin: boolean;
  /**
   * True if it may have dropped accepted bytes, or sent garbage: then nothing
   * is guaranteed.
   */
  readonly cut: boolean;
  /**
   * True if the connection was lost: it ended without the FIN of the other end,
   * and this end did not close it.
   */
  readonly lost: boolean;
  /** True if it received garbage. */
  readonly heardGarbage: boolean;
  /**
   * True if it answered everything up to the FIN of the other end, and closed
   * for no other reason.
   */
  readonly answeredAll: boolean;
}

/** Matches the reports of the two ends of each connection, and judges them. */
export class ConnectionLedger {
  readonly #waiting = new Map<number, EndReport>();
  readonly #onBroken: (what: string) => void;

  constructor(onBroken: (what: string) => void) {
    this.#onBroken = onBroken;
  }

  /** Adds the report of an end. */
  add(end: EndReport): void {
    const other = this.#waiting.get(end.tag);
    if (other === undefined) {
      this.#waiting.set(end.tag, end);
    } else if (other.side === end.side) {
      this.#onBroken(`two ${end.side}s of connection ${show(end.tag)}`);
    } else {
      this.#waiting.delete(end.tag);
      for (const what of judge(end, other)) this.#onBroken(what);
    }
  }

  /** Judges the ends whose other end is missing, once all are over. */
  settle(): void {
    for (const end of this.#waiting.values()) {
      for (const what of judgeAlone(end)) this.#onBroken(what);
    }
    this.#waiting.clear();
  }
}

/** Returns the promises that were broken to a connection with these ends. */
export function judge(a: EndReport, b: EndReport): string[] {
  const [client, server] = a.side === "client" ? [a, b] : [b, a];
  const broken = [
    ...judgeFlow(client, server),
    ...judgeFlow(server, client),
  ];
  return broken.length > 0 ? broken : judgeAnswers(client, server);
}

/** Compares what `from` sent with what `to` received. */
function judgeFlow(from: EndReport, to: EndReport): string[] {
  const broken: string[] = [];
  const say = (what: string) =>
    broken.push(
      `connection ${show(from.tag)}: ${what}\n` +
        `    ${describe(from)}\n    ${describe(to)}`,
    );
  if (to.received > from.accepted) {
    say("more came in than was sent");
  }
  if (!from.cut && to.heardFin && to.framesReceived !== from.framesSent) {
    say("frames that were accepted did not arrive before FIN");
  }
  if (to.lost && !from.cut) say("it was lost, and nobody cut it");
  if (to.heardGarbage && !from.cut) say("what came in was no frame");
  return broken;
}

/**
 * An undisturbed server must have answered everything, and the answers must
 * have arrived.
 */
function judgeAnswers(client: EndReport, server: EndReport): string[] {
  if (client.cut || server.cut || !server.answeredAll) return [];
  const isAnswered = server.framesSent === client.framesSent &&
    (!client.heardFin || client.framesReceived === client.framesSent);
  return isAnswered ? [] : [
    `connection ${show(client.tag)}: not every frame was answered\n` +
    `    ${describe(client)}\n    ${describe(server)}`,
  ];
}

/**
 * Judges an end without a counterpart: its connection may be dropped if it sent
 * nothing, or before its server has read a frame.
 */
export function judgeAlone(end: EndReport): string[] {
  const isDropped = end.side === "client" && end.received === 0;
  return isDropped ? [] : [
    `connection ${show(end.tag)} had one end only\n    ${describe(end)}`,
  ];
}

function describe(end: EndReport): string {
  const marks = [
    end.heardFin && "heard FIN",
    end.cut && "cut",
    end.lost && "lost",
    end.heardGarbage && "heard garbage",
  ].filter(Boolean);
  return `${end.side}: accepted ${end.accepted} bytes (${end.framesSent} frames), ` +
    `received ${end.received} (${end.framesReceived}); ` +
    [...marks, end.story].join(", ");
}
