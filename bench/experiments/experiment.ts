import type { Settings } from "../settings.ts";

/** The values that one run measured, by name. */
export type Measurement = Readonly<Record<string, number>>;

/** A subject that can be measured repeatedly. */
export interface Prepared {
  measure(): Promise<Measurement>;
  end(): Promise<void>;
}

/** Something to measure on each runtime, for several subjects in turn. */
export interface Experiment {
  /** Its name on the command line. */
  readonly name: string;
  readonly title: string;
  /** What is compared, the control first. */
  subjects(runtime: string): readonly string[];
  /** How often each subject is measured. */
  rounds(settings: Settings): number;
  /** Roughly how many seconds one measurement of a subject takes. */
  seconds(subject: string, settings: Settings): number;
  /** Roughly how many seconds it takes to prepare a subject; none if left out. */
  readonly prepareSeconds?: number;
  /** Starts the subject and warms it up. */
  prepare(
    runtime: string,
    subject: string,
    settings: Settings,
  ): Promise<Prepared>;
}

/** For subjects that are started anew for each round. */
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

/** Rounds after which subjects are prepared anew: each process has its own luck with where its memory lies. */
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
