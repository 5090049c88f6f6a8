/**
 * The life of a connection. No connection goes back.
 *
 * | State      | What comes in         | What is sent           | Transitions                                       |
 * | ---------- | --------------------- | ---------------------- | ------------------------------------------------- |
 * | `Open`     | is handed out         | is taken               | peerEnd: HalfOpen, close: Draining, gone: Closed  |
 * | `HalfOpen` | nothing: FIN is in    | is taken               | close: Draining, gone: Closed                     |
 * | `Draining` | is dropped            | the rest of the queue  | peerEnd: Draining, finSent: Finished, gone: Closed |
 * | `Finished` | is dropped            | nothing: FIN is out    | peerEnd: Finished, gone: Closed                   |
 * | `Closed`   | nothing: the socket is gone, and `onClose` runs | nothing | told: Told                        |
 * | `Told`     | nothing               | nothing                | none                                              |
 */
export const State = {
  Open: 0,
  HalfOpen: 1,
  Draining: 2,
  Finished: 3,
  Closed: 4,
  Told: 5,
} as const;

/** One of the values of {@linkcode (State:variable)}. */
export type State = typeof State[keyof typeof State];

/** What moves a connection on. */
export type Transition = "peerEnd" | "close" | "finSent" | "gone" | "told";

const { Open, HalfOpen, Draining, Finished, Closed, Told } = State;

const NEXT: Record<State, { readonly [transition in Transition]?: State }> = {
  [Open]: { peerEnd: HalfOpen, close: Draining, gone: Closed },
  [HalfOpen]: { close: Draining, gone: Closed },
  [Draining]: { peerEnd: Draining, finSent: Finished, gone: Closed },
  [Finished]: { peerEnd: Finished, gone: Closed },
  [Closed]: { told: Told },
  [Told]: {},
};

/** The state that follows `state`. Throws if `transition` must not happen there. */
export function stateAfter(state: State, transition: Transition): State {
  const next = NEXT[state][transition];
  if (next !== undefined) return next;
  throw new Error(
    `A connection in state ${state} cannot take the transition ${transition}`,
  );
}
