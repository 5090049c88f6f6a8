import { show, type Side } from "./frames.ts";

/** What one end of a connection knows when it is over. */
export interface EndReport {
  readonly tag: number;
  readonly side: Side;
  /** What kind of end it is, and how it ended: for messages. */
  readonly story: string;
  /** Bytes that were accepted to be sent. */
  readonly accepted: number;
  /** Bytes that were received, all of them right. */
  readonly received: number;
  /** Whole frames that were accepted to be sent. */
  readonly framesSent: number;
  /** Whole frames that were received. */
  readonly framesReceived: number;
  /** It has read up to the FIN of the other end. */
  readonly heardFin: boolean;
  /** It may have dropped what it had accepted, or sent something that is no frame: then it promises nothing. */
  readonly cut: boolean;
  /** The connection was lost: it ended without the FIN of the other end, and not by this one. */
  readonly lost: boolean;
  /** It has received something that is no frame. */
  readonly heardGarbage: boolean;
  /** It has answered everything up to the FIN of the other end, and closed for no other reason. */
  readonly answeredAll: boolean;
}

/** Matches the reports of the two ends of each connection, and judges them. */
export class ConnectionLedger {
  readonly #waiting = new Map<number, EndReport>();
  readonly #onBroken: (what: string) => void;

  constructor(onBroken: (what: string) => void) {
    this.#onBroken = onBroken;
  }

  /** One end is over. */
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

  /** All ends are over: judges those without another end. */
  settle(): void {
    for (const end of this.#waiting.values()) {
      for (const what of judgeAlone(end)) this.#onBroken(what);
    }
    this.#waiting.clear();
  }
}

/** The promises that were broken to a connection with these ends. */
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

/** A server that was not disturbed has answered everything, and the answers have arrived. */
function judgeAnswers(client: EndReport, server: EndReport): string[] {
  if (client.cut || server.cut || !server.answeredAll) return [];
  const isAnswered = server.framesSent === client.framesSent &&
    (!client.heardFin || client.framesReceived === client.framesSent);
  return isAnswered ? [] : [
    `connection ${show(client.tag)}: not every frame was answered\n` +
    `    ${describe(client)}\n    ${describe(server)}`,
  ];
}

/** A connection may be dropped before its server has read a frame, or if it sent none. */
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
