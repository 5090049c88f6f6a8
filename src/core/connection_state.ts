/**
 * The life of a connection. No connection goes back.
 *
 * | State      | What comes in         | What is sent           | Transitions                                       |
 * | ---------- | --------------------- | ---------------------- | ------------------------------------------------- |
 * | `Open`     | is handed out         | is taken               | end: Ending, peerEnd: HalfOpen, close: Closing, gone: Closed |
 * | `Ending`   | is handed out         | the rest of the queue  | finSent: Ended, close: Closing, gone: Closed     |
 * | `Ended`    | is handed out         | nothing: FIN is out    | close: Finished, gone: Closed                     |
 * | `HalfOpen` | nothing: FIN is in    | is taken               | close: Closing, gone: Closed                     |
 * | `Closing`  | is dropped            | the rest of the queue  | peerEnd: Closing, finSent: Finished, abort: Finished, gone: Closed |
 * | `Finished` | is dropped            | nothing: FIN is out, or it is aborted | peerEnd: Finished, abort: Finished, gone: Closed |
 * | `Closed`   | nothing: the socket is gone, and `onClose` runs | nothing | reported: Reported                      |
 * | `Reported`    | nothing               | nothing                | none                                              |
 */
export const State = {
  Open: 0,
  Ending: 1,
  Ended: 2,
  HalfOpen: 3,
  Closing: 4,
  Finished: 5,
  Closed: 6,
  Reported: 7,
} as const;

/** One of the values of {@linkcode (State:variable)}. */
export type State = typeof State[keyof typeof State];

/** What moves a connection to its next state. */
export type Transition =
  | "end"
  | "peerEnd"
  | "close"
  | "finSent"
  | "abort"
  | "gone"
  | "reported";

const { Open, Ending, Ended, HalfOpen, Closing, Finished, Closed, Reported } =
  State;

const NEXT: Record<State, { readonly [transition in Transition]?: State }> = {
  [Open]: { end: Ending, peerEnd: HalfOpen, close: Closing, gone: Closed },
  [Ending]: { finSent: Ended, close: Closing, gone: Closed },
  [Ended]: { close: Finished, gone: Closed },
  [HalfOpen]: { close: Closing, gone: Closed },
  [Closing]: {
    peerEnd: Closing,
    finSent: Finished,
    abort: Finished,
    gone: Closed,
  },
  [Finished]: { peerEnd: Finished, abort: Finished, gone: Closed },
  [Closed]: { reported: Reported },
  [Reported]: {},
};

/** The state after `state`. Throws if `transition` cannot happen there. */
export function stateAfter(state: State, transition: Transition): State {
  const next = NEXT[state][transition];
  if (next !== undefined) return next;
  throw new Error(
    `A connection in state ${state} cannot take the transition ${transition}`,
  );
}
