import { Button } from '@mantine/core';

/** What can be done with a row; a dash where nothing can. */
export function RowAction({ able, action, onClick }: { able: boolean; action: string; onClick: () => void }) {
  if (!able) return <span className="dim">–</span>;
  return (
    <Button size="compact-sm" variant="default" onClick={onClick}>
      {action}
    </Button>
  );
}
