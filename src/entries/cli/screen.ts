import type {
  Answer,
  ConnectionAnswer,
  ThreadAnswer,
} from "./inspector_client.ts";
import {
  bytes,
  count,
  duration,
  forTerminal,
  perSecond,
  table,
} from "./text.ts";

/** The orders of connections, by the inspector's names for them. */
export const ORDERS: readonly string[] = ["in", "out", "queue", "age"];

/** What the screen shows. */
export interface Shown {
  readonly answer: Answer;
  /** The previous answer, and how many milliseconds earlier it came. */
  readonly before: Answer | undefined;
  readonly spanMs: number;
  /** The order of the connections. */
  readonly sort: string;
  readonly isPaused: boolean;
}

type Count = "messagesIn" | "messagesOut" | "bytesIn" | "bytesOut";

/** Renders the lines of a screen of `width` by `height` characters. */
export function screen(
  { answer, before, spanMs, sort, isPaused }: Shown,
  width: number,
  height: number,
): string[] {
  const rate = (threads: readonly ThreadAnswer[], name: Count) => {
    const known = new Map(before?.threads.map((it) => [it.thread, it.stats]));
    const moved = threads.map(({ thread, stats }) =>
      Math.max(0, stats[name] - (known.get(thread)?.[name] ?? stats[name]))
    );
    return spanMs > 0 ? sum(moved) / spanMs * 1000 : 0;
  };
  const { threads, connections, total } = answer;
  const upMs = Math.max(0, ...threads.map(({ stats }) => stats.uptimeMs));
  const head = [
    `reactio top  up ${duration(upMs)}  ${total} connections${
      isPaused ? "  PAUSED" : ""
    }`,
    `messages ${perSecond(rate(threads, "messagesIn"))} in, ${
      perSecond(rate(threads, "messagesOut"))
    } out  bytes ${bytes(rate(threads, "bytesIn"))}/s in, ${
      bytes(rate(threads, "bytesOut"))
    }/s out  queued ${
      bytes(sum(threads.map(({ stats }) => stats.bytesQueued)))
    }`,
    "",
    ...table(
      [
        ...["THREAD", "OPEN", "MSG IN", "MSG OUT"],
        ...["REQUESTS", "QUEUED", "TURN MAX"],
      ],
      threads.map((thread) => [
        thread.thread,
        count(thread.stats.open),
        perSecond(rate([thread], "messagesIn")),
        perSecond(rate([thread], "messagesOut")),
        count(thread.stats.requested.inFlight + thread.stats.served.inFlight),
        bytes(thread.stats.bytesQueued),
        `${thread.stats.turnTime.maxMs.toFixed(1)} ms`,
      ]),
    ),
    "",
  ];
  const room = Math.max(0, height - head.length - 1);
  const lines = [
    ...head,
    ...table(headings(sort), connections.slice(0, room).map(cells)),
  ];
  return lines.slice(0, height)
    .map((line) => forTerminal(line).slice(0, width).trimEnd());
}

function headings(sort: string): string[] {
  const mark = (name: string, title: string) =>
    name === sort ? `${title}*` : title;
  return [
    "PEER",
    "THREAD",
    mark("age", "AGE"),
    mark("in", "IN"),
    mark("out", "OUT"),
    mark("queue", "QUEUE"),
    "STATE",
  ];
}

function cells(row: ConnectionAnswer): string[] {
  return [
    row.peer,
    row.thread,
    duration(row.openMs),
    `${bytes(row.inPerSecond)}/s`,
    `${bytes(row.outPerSecond)}/s`,
    bytes(row.bytesQueued),
    row.state,
  ];
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((all, number) => all + number, 0);
}
