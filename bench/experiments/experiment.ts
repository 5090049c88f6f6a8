import type { Settings } from "../settings.ts";

/** The values that one run measured, by name. */
export type Measurement = Readonly<Record<string, number>>;

/** A subject that can be measured repeatedly. */
export interface Prepared {
  measure(): Promise<Measurement>;
  end(): Promise<void>;
}

/** A comparison of several subjects, measured by turns on each runtime. */
export interface Experiment {
  /** Its name on the command line. */
  readonly name: string;
  readonly title: string;
  /** The subjects, the control first. */
  subjects(runtime: string): readonly string[];
  /** How often each subject is measured. */
  rounds(settings: Settings): number;
  /** Roughly how many seconds one measurement of a subject takes. */
  seconds(subject: string, settings: Settings): number;
  /** Roughly how many seconds it takes to prepare a subject. Default: none. */
  readonly prepareSeconds?: number;
  /** Starts the subject and warms it up. */
  prepare(
    runtime: string,
    subject: string,
    settings: Settings,
  ): Promise<Prepared>;
}

/** For subjects that are restarted in each round. */
export function startedAnew(
  measure: (
    runtime: string,
    subject: string,
    settings: Settings,
  ) => Promise<Measurement>,
): Experiment["prepare"] {
  return (...subject) =>
    Promise.resolve({
      measure: () => measure(...subject),
      end: () => Promise.resolve(),
    });
}

/**
 * Rounds after which subjects are restarted: the memory layout of a process
 * affects its speed.
 */
export const ROUNDS_PER_START = 3;

/** Roughly how many seconds the experiment takes on `runtime`. */
export function durationOf(
  experiment: Experiment,
  runtime: string,
  settings: Settings,
): number {
  const rounds = experiment.rounds(settings);
  const starts = Math.ceil(rounds / ROUNDS_PER_START);
  return experiment.subjects(runtime)
    .map((it) =>
      starts * (experiment.prepareSeconds ?? 0) +
      rounds * experiment.seconds(it, settings)
    )
    .reduce((sum, it) => sum + it, 0);
}
