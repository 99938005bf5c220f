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

/** More are not taken at once: each is a request of its own. */
export const eachLimit = 5000;
const atOnce = 4;

const faultOf = (fault: unknown): ApiError =>
  fault instanceof ApiError ? fault : new ApiError('INTERNAL', String(fault));

/** Does the same with one device after another, a few at once; what fails is kept and does not stop the others. */
export function useEach(work: (target: Target) => Promise<unknown>) {
  const client = useQueryClient();
  const [state, setState] = useState<EachState | null>(null);
  const [finding, setFinding] = useState(false);
  const [error, setError] = useState<ApiError | null>(null);
  const begin = async (find: () => Promise<readonly Target[]>): Promise<readonly Target[] | null> => {
    setFinding(true);
    setError(null);
    try {
      return await find();
    } catch (fault) {
      setError(faultOf(fault));
      return null;
    } finally {
      setFinding(false);
    }
  };
  const run = async (find: () => Promise<readonly Target[]>): Promise<void> => {
    const targets = await begin(find);
    if (!targets) return;
    setState({ total: targets.length, done: 0, failed: [], running: true });
    const waiting = [...targets];
    const worker = async () => {
      for (let target = waiting.shift(); target; target = waiting.shift()) {
        const one = target;
        const fault = await work(one).then(() => null, faultOf);
        setState(
          (now) =>
            now && {
              ...now,
              done: now.done + 1,
              failed: fault ? [...now.failed, { target: one, error: fault }] : now.failed,
            },
        );
      }
    };
    await Promise.all(Array.from({ length: atOnce }, worker));
    setState((now) => now && { ...now, running: false });
    await client.invalidateQueries();
  };
  return { state, finding, error, run };
}
