import { Button } from '@mantine/core';
import { useText } from '../../i18n/i18n.js';

interface Paged {
  readonly hasNextPage: boolean;
  readonly isFetchingNextPage: boolean;
  readonly fetchNextPage: () => unknown;
}

export function More({ read }: { read: Paged }) {
  const { more } = useText().table;
  if (!read.hasNextPage) return null;
  return (
    <Button variant="default" mt="sm" loading={read.isFetchingNextPage} onClick={() => void read.fetchNextPage()}>
      {more}
    </Button>
  );
}
