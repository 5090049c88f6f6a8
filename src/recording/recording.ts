/**
 * Reading recordings.
 *
 * @module
 */

import { InvalidRecordingError } from "../api/errors.ts";
import { crc32c } from "../util/crc32c.ts";
import { forget } from "../util/forget.ts";
import { textOf } from "../util/text.ts";
import {
  CRC_SIZE,
  EventKind,
  FIRST_WORD,
  LAST_KIND,
  readVarint,
  VERSION,
} from "./format.ts";

/**
 * The bytes of one read or one write, or the end of one direction.
 *
 * @category Tools
 */
export interface RecordedEvent {
  /** What happened. */
  readonly type: "received" | "sent" | "end" | "peerEnd";
  /** Milliseconds since the connection was opened. */
  readonly atMs: number;
  /** The bytes received or sent; empty for `"end"` and `"peerEnd"`. */
  readonly bytes: Uint8Array;
}

/**
 * How a recording ends: with the connection, cleanly (`"closed"`) or not
 * (`"lost"`); at one of its limits (`"maxBytes"`, `"maxMs"`); or in the middle
 * (`"cut"`), for example because the process crashed or part of the file is missing.
 *
 * @category Tools
 */
export type RecordingEnding =
  | "closed"
  | "lost"
  | "maxBytes"
  | "maxMs"
  | "cut";

/**
 * The recording of one connection.
 *
 * @category Tools
 */
export interface ConnectionRecording {
  /**
   * The id of its reactor, as used in the log, in events and by the inspector.
   */
  readonly id: number;
  /** True if a listener accepted the connection, false if the recorded end connected. */
  readonly isAccepted: boolean;
  /** The address of the recorded end, as text. */
  readonly localAddress: string;
  /** The address of the peer, as text. */
  readonly remoteAddress: string;
  /** When it was opened, in milliseconds since the start of 1970 (UTC). */
  readonly startedAt: number;
  /** What was received and sent, in order. */
  readonly events: readonly RecordedEvent[];
  /** How the recording ends. */
  readonly ending: RecordingEnding;
  /** When the recording ends, in milliseconds since the connection was opened. */
  readonly endsAtMs: number;
  /**
   * The error that the connection closed with, in one line; empty if it ended
   * cleanly or the reason is unknown.
   */
  readonly reason: string;
}

const TYPES: Readonly<Record<number, RecordedEvent["type"]>> = {
  [EventKind.Received]: "received",
  [EventKind.Sent]: "sent",
  [EventKind.End]: "end",
  [EventKind.PeerEnd]: "peerEnd",
};

const DECODER = new TextDecoder();

/** A parsed event. */
interface RawEvent {
  readonly kind: number;
  readonly micros: number;
  readonly bytes: Uint8Array;
  readonly end: number;
}

/**
 * Parses a recording made by {@linkcode recordTo}. One that was cut short is
 * read up to its last complete event, and its `ending` is `"cut"`.
 *
 * @param bytes The whole recording. The events are views of it, so do not
 *   change it while they are in use.
 * @returns The recording.
 * @throws {InvalidRecordingError} If the bytes are not a recording, have an
 *   unknown version, or are damaged.
 *
 * @category Tools
 */
export function readRecording(bytes: Uint8Array): ConnectionRecording {
  if (!ArrayBuffer.isView(bytes)) {
    forget(bytes);
    throw new InvalidRecordingError(
      `Cannot read ${textOf(bytes)} as a recording: it is not a view of bytes`,
    );
  }
  const { buffer, byteOffset, byteLength } = bytes; // `bytes` may be a Buffer
  return recordingIn(new Uint8Array(buffer, byteOffset, byteLength));
}

function recordingIn(bytes: Uint8Array): ConnectionRecording {
  const start = startOfEvents(bytes);
  const about = eventAt(bytes, start);
  if (about?.kind !== EventKind.About) {
    throw damagedAt(start, "its first event is missing");
  }
  const events: RecordedEvent[] = [];
  let micros = about.micros;
  for (let at = about.end; at < bytes.length;) {
    const event = eventAt(bytes, at);
    if (event === undefined) break;
    micros += event.micros;
    const type = TYPES[event.kind];
    if (type === undefined) {
      const ending = { ...endingOf(event, at), endsAtMs: micros / 1000 };
      return { ...aboutOf(about, start), events, ...ending };
    }
    events.push({ type, atMs: micros / 1000, bytes: event.bytes });
    at = event.end;
  }
  const ending = { ending: "cut", endsAtMs: micros / 1000 } as const;
  return { ...aboutOf(about, start), events, ...ending, reason: "" };
}

function startOfEvents(bytes: Uint8Array): number {
  const end = bytes.subarray(0, FIRST_WORD.length + 16).indexOf(0x0a);
  const line = DECODER.decode(bytes.subarray(0, Math.max(0, end)));
  const [word, version] = line.split(" ");
  if (word !== FIRST_WORD) {
    throw new InvalidRecordingError(
      `Cannot read a recording: it does not begin with "${FIRST_WORD}"`,
    );
  }
  if (version !== `${VERSION}`) {
    throw new InvalidRecordingError(
      `Cannot read a recording of version ${version}: only version ${VERSION} is supported`,
    );
  }
  return end + 1;
}

/** Parses the event at `at`; undefined if it is incomplete. */
function eventAt(bytes: Uint8Array, at: number): RawEvent | undefined {
  const kind = bytes[at];
  if (kind > LAST_KIND) throw damagedAt(at, `${kind} is not a kind of event`);
  const micros = readVarint(bytes, at + 1);
  const size = micros && readVarint(bytes, micros.end);
  if (micros === undefined || size === undefined) return undefined;
  const end = size.end + size.value;
  if (end + CRC_SIZE > bytes.length) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  if (view.getUint32(end) !== crc32c(bytes.subarray(at, end))) {
    throw damagedAt(at, "its checksum is wrong");
  }
  return {
    kind,
    micros: micros.value,
    bytes: bytes.subarray(size.end, end),
    end: end + CRC_SIZE,
  };
}

function aboutOf(
  { bytes }: RawEvent,
  at: number,
): Pick<
  ConnectionRecording,
  "id" | "isAccepted" | "localAddress" | "remoteAddress" | "startedAt"
> {
  try {
    const about = JSON.parse(DECODER.decode(bytes));
    return {
      id: Number(about.id),
      isAccepted: about.isAccepted === true,
      localAddress: `${about.localAddress}`,
      remoteAddress: `${about.remoteAddress}`,
      startedAt: Number(about.startedAt),
    };
  } catch (cause) {
    throw damagedAt(at, "the description of its connection is invalid", cause);
  }
}

function endingOf(
  { kind, bytes }: RawEvent,
  at: number,
): Pick<ConnectionRecording, "ending" | "reason"> {
  const text = DECODER.decode(bytes);
  switch (kind) {
    case EventKind.Closed:
      return { ending: "closed", reason: text };
    case EventKind.Lost:
      return { ending: "lost", reason: text };
  }
  if (kind === EventKind.Stopped && (text === "maxBytes" || text === "maxMs")) {
    return { ending: text, reason: "" };
  }
  throw damagedAt(at, "it has a second first event, or an unknown ending");
}

function damagedAt(
  at: number,
  why: string,
  cause?: unknown,
): InvalidRecordingError {
  return new InvalidRecordingError(
    `Cannot read a recording that is damaged at byte ${at}: ${why}`,
    { cause },
  );
}
