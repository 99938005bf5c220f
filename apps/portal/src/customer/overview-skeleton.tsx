import { Skeleton } from '@mantine/core';
import { Lines } from '../frame/states.js';

/** Where the overview's parts will be. */
export function OverviewSkeleton() {
  return (
    <>
      <div className="page-head">
        <div style={{ display: 'grid', gap: 8 }}>
          <Skeleton height={28} width={380} maw="80vw" />
          <Skeleton height={16} width={300} maw="60vw" />
        </div>
      </div>
      <div className="grid cols-4" style={{ marginBottom: 16 }}>
        {['a', 'b', 'c', 'd'].map((key) => (
          <div key={key} className="card">
            <Skeleton height={14} width="60%" mb={14} />
            <Skeleton height={30} width="45%" mb={12} />
            <Skeleton height={14} width="80%" />
          </div>
        ))}
      </div>
      <div className="card">
        <Lines count={9} height={20} />
      </div>
    </>
  );
}
