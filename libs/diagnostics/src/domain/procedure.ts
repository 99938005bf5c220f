import type { Execution } from './execution.js';

export interface Procedure {
  readonly title: string;
  /** The command of the model's catalogue that it is made of, sent without arguments. */
  readonly command: string;
  /** The result's entry that says how it came out, and its value for a machine that is well. */
  readonly outcome: { readonly entry: string; readonly passed: string };
}

/** Procedures that can be run on a machine. */
export const procedures = {
  'self-test': { title: 'Self-test', command: 'run-self-test', outcome: { entry: 'outcome', passed: 'pass' } },
} as const satisfies Record<string, Procedure>;

export type ProcedureName = keyof typeof procedures;

export const isProcedure = (name: string): name is ProcedureName => Object.hasOwn(procedures, name);

/** One procedure on one device. */
export interface DiagnosticRun {
  readonly id: string;
  /** Those that were started together. */
  readonly batchId: string;
  readonly procedure: ProcedureName;
  readonly deviceId: string;
  readonly assetId: string | null;
  readonly requestedBy: string;
  readonly createdAt: Date;
  /** When the machine was busy with it: [from, to). `from` null until it began, `to` until it ended. */
  readonly from: Date | null;
  readonly to: Date | null;
  /** What it found; null while it runs and when it did not come to a finding. */
  readonly verdict: Verdict | null;
  readonly execution: Execution;
}

export const verdicts = ['passed', 'failed'] as const;
export type Verdict = (typeof verdicts)[number];

/**
 * The window and finding of a run, from its execution. A device that was sent it and never spoke may have been busy since it
 * was sent; one that was never sent it was not busy at all. A result that does not fit its schema is no finding.
 */
export function findingsOf(
  procedure: ProcedureName,
  execution: Execution,
): Pick<DiagnosticRun, 'from' | 'to' | 'verdict'> {
  const { outcome } = procedures[procedure];
  const from = execution.startedAt ?? (execution.endedAt ? execution.sentAt : null);
  const found = execution.state === 'succeeded' && execution.resultFaults === null;
  return {
    from,
    to: from ? execution.endedAt : null,
    verdict: found ? (execution.result?.[outcome.entry] === outcome.passed ? 'passed' : 'failed') : null,
  };
}
