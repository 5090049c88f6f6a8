import type { Settings } from "../settings.ts";

/** What one run measured, by name. */
export type Sample = Readonly<Record<string, number>>;

/** Something to measure on each runtime, of several subjects in turn. */
export interface Experiment {
  /** What `--load` calls it. */
  readonly name: string;
  readonly title: string;
  /** What is compared, the control first. */
  subjects(runtime: string): readonly string[];
  /** Times that each subject is measured. */
  rounds(settings: Settings): number;
  /** Seconds that a run takes, about. */
  seconds(subject: string, settings: Settings): number;
  measure(
    runtime: string,
    subject: string,
    settings: Settings,
  ): Promise<Sample>;
}

/** Seconds that the experiment takes on `runtime`, about. */
export function durationOf(
  experiment: Experiment,
  runtime: string,
  settings: Settings,
): number {
  return experiment.subjects(runtime)
    .map((it) => experiment.seconds(it, settings))
    .reduce((sum, it) => sum + it, 0) * experiment.rounds(settings);
}
