/** Ways to send an answer: as a slice, as a view, or encoded. */

import type { Load } from "../generator.ts";
import type { Experiment } from "./experiment.ts";
import { traffic } from "./traffic.ts";

const PIPELINED = { mode: "echo", connections: 50, inFlight: 16 } as const;
const ECHO: Load = { ...PIPELINED, size: 128 };
const ENCODED: Load = { ...PIPELINED, size: 114 };

/**
 * The natural call against the fast one, answers encoded by the library against
 * answers encoded by hand, and framing by a codec against framing by hand.
 */
export const ANSWERING: readonly Experiment[] = [
  traffic(
    "sending",
    "Echo of 128 B, 50 connections × 16: by sendSlice, and by sendOrQueue of a view",
    ECHO,
    () => ["Reactio", "Reactio, view made", "Reactio, sendOrQueue"],
  ),
  traffic(
    "encoded",
    "Encoded answers of 14 + 100 B, 50 connections × 16",
    ENCODED,
    () => ["careful, encoded", "Reactio, encoded", "Reactio, messageCodec"],
  ),
  traffic(
    "framed",
    "Echo of 128 B, 50 connections × 16: framing by hand, and by a codec",
    ECHO,
    () => ["Reactio, framed by hand", "Reactio, lengthPrefixed"],
  ),
];
