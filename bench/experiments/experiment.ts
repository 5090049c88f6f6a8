import type { Settings } from "../settings.ts";

/** What one run measured, by name. */
export type Sample = Readonly<Record<string, number>>;

/** A subject that can be measured, again and again. */
export interface Prepared {
  measure(): Promise<Sample>;
  end(): Promise<void>;
}

/** Something to measure on each runtime, of several subjects in turn. */
export interface Experiment {
  /** What `--load` calls it. */
  readonly name: string;
  readonly title: string;
  /** What is compared, the control first. */
  subjects(runtime: string): readonly string[];
  /** Times that each subject is measured. */
  rounds(settings: Settings): number;
  /** Seconds that it takes to measure a subject once, about. */
  seconds(subject: string, settings: Settings): number;
  /** Seconds that it takes to prepare a subject, about; none if left out. */
  readonly prepareSeconds?: number;
  /** Starts what is measured, and warms it up. */
  prepare(
    runtime: string,
    subject: string,
    settings: Settings,
  ): Promise<Prepared>;
}

/** For what is started anew for each round. */
export function startedAnew(
  measure: (
    runtime: string,
    subject: string,
    settings: Settings,
  ) => Promise<Sample>,
): Experiment["prepare"] {
  return (...subject) =>
    Promise.resolve({
      measure: () => measure(...subject),
      end: () => Promise.resolve(),
    });
}

/** Rounds after which subjects are prepared anew: each process has its luck with where its memory lies. */
export const ROUNDS_PER_START = 3;

/** Seconds that the experiment takes on `runtime`, about. */
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
