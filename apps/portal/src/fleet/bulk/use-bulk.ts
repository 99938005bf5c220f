import { useQueryClient } from '@tanstack/react-query';
import type { TadaDocumentNode } from 'gql.tada';
import { useEffect, useState } from 'react';
import { useRead, useWrite } from '../../api/client.js';
import { type DeviceBulk, deviceBulkQuery } from '../../api/operations/fleet.js';

const pollMs = 500;

/** Orders a change of many devices and follows it: `bulk` is there once it was ordered. */
export function useBulk<R, V>(document: TadaDocumentNode<R, V, unknown>, pick: (result: R) => DeviceBulk) {
  const client = useQueryClient();
  const [ordered, setOrdered] = useState<DeviceBulk | null>(null);
  const [over, setOver] = useState(false);
  const write = useWrite(document, []);
  const read = useRead(
    deviceBulkQuery,
    { id: ordered?.id ?? '' },
    { enabled: ordered !== null, ...(over ? {} : { every: pollMs }) },
  );
  const bulk = ordered && (read.data?.deviceBulk ?? ordered);
  const finished = Boolean(bulk?.finishedAt);
  useEffect(() => {
    if (!finished || over) return;
    setOver(true);
    void client.invalidateQueries({ predicate: ({ queryKey }) => queryKey[0] !== 'DeviceBulk' });
  }, [finished, over, client]);
  const order = (variables: V): void => write.mutate(variables, { onSuccess: (result) => setOrdered(pick(result)) });
  return { bulk, order, error: write.error, isPending: write.isPending };
}
