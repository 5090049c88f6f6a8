import type { StopSettings } from "../../api/options/stop.ts";
import type { ViewQuestion } from "../../inspector/view/question.ts";
import type { ReactorID } from "../../api/reactor_id.ts";
import type { TlsListenOptions } from "../../api/options/tls.ts";
import type { NameMessage } from "../names/naming.ts";
import type { WorkerSetup } from "../worker/worker_setup.ts";
import { type ErrorRecord, errorRecord } from "./error_record.ts";
import type { Port } from "./port.ts";

/** What the main thread and a worker send each other besides records. */
export type ControlMessage =
  // To a worker.
  | { readonly type: "start"; readonly setup: WorkerSetup }
  | { readonly type: "link"; readonly peer: number; readonly port: Port }
  | {
    readonly type: "unlink";
    readonly peer: number;
    readonly error: ErrorRecord;
  }
  | { readonly type: "stop"; readonly times: StopSettings }
  | { readonly type: "inspect"; readonly question: ViewQuestion }
  | { readonly type: "stats" }
  // The statistics of its part of a shared listener: now, or when it has ended.
  | {
    readonly type: "listenerStats" | "listenerEnd";
    readonly listener: ReactorID;
  }
  | {
    readonly type: "setTls";
    readonly listener: ReactorID;
    readonly tls: TlsListenOptions;
  }
  // To both: a name now stands for a reactor, or no longer does.
  | NameMessage
  // To the main thread: the end.
  | { readonly type: "crashed"; readonly error: ErrorRecord };

/** A control message as it is sent; `request` is its number if an answer is wanted. */
export interface Envelope {
  readonly request?: number;
  readonly message?: ControlMessage;
  readonly answer?: { readonly value: unknown } | {
    readonly error: ErrorRecord;
  };
}

/** The first message to a worker. */
export interface StartEnvelope {
  readonly request: number;
  readonly message: { readonly type: "start"; readonly setup: WorkerSetup };
}

/** The message of a worker that cannot start. */
export function failedEnvelope(
  { request }: StartEnvelope,
  thrown: unknown,
): Envelope {
  return { request, answer: { error: errorRecord(thrown) } };
}

/** The last message of a worker that threw outside of a reactor. */
export function crashedEnvelope(thrown: unknown): Envelope {
  return { message: { type: "crashed", error: errorRecord(thrown) } };
}
