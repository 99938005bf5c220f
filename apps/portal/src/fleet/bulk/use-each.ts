import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { Target } from '../../api/operations/fleet.js';
import { ApiError } from '../../api/post.js';

export interface EachState {
  readonly total: number;
  readonly done: number;
  readonly failed: readonly { readonly target: Target; readonly error: ApiError }[];
  readonly running: boolean;
}

const atOnce = 4;

/** Does the same with one device after another, a few at once; what fails is kept and does not stop the others. */
export function useEach(work: (target: Target) => Promise<unknown>) {
  const client = useQueryClient();
  const [state, setState] = useState<EachState | null>(null);
  const run = async (targets: readonly Target[]): Promise<void> => {
    setState({ total: targets.length, done: 0, failed: [], running: true });
    const waiting = [...targets];
    const worker = async () => {
      for (let target = waiting.shift(); target; target = waiting.shift()) {
        const one = target;
        const error = await work(one).then(
          () => null,
          (fault: unknown) => (fault instanceof ApiError ? fault : new ApiError('INTERNAL', String(fault))),
        );
        setState(
          (now) =>
            now && {
              ...now,
              done: now.done + 1,
              failed: error ? [...now.failed, { target: one, error }] : now.failed,
            },
        );
      }
    };
    await Promise.all(Array.from({ length: atOnce }, worker));
    setState((now) => now && { ...now, running: false });
    await client.invalidateQueries();
  };
  return { state, run };
}
