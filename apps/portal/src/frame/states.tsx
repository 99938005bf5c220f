import { Alert, Button, Skeleton } from '@mantine/core';
import { IconAlertTriangle, IconInbox, IconLock, IconPlugConnectedX } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { Link } from 'react-router';
import type { ApiError } from '../api/post.js';
import { useText } from '../i18n/i18n.js';

interface StateBoxProps {
  readonly icon: ReactNode;
  readonly title: string;
  readonly hint?: ReactNode;
  readonly action?: ReactNode;
  readonly small?: boolean;
  readonly page?: boolean;
}

function StateBox({ icon, title, hint, action, small, page }: StateBoxProps) {
  const Title = page ? 'h1' : 'h2';
  return (
    <div className={`state-box${small ? ' small' : ''}`} role="status">
      {icon}
      <Title>{title}</Title>
      {hint && <p>{hint}</p>}
      {action}
    </div>
  );
}

/** What a list or page says when there is nothing to show, and how to begin. */
export function Empty(props: { title: string; hint?: ReactNode; action?: ReactNode; small?: boolean }) {
  return <StateBox icon={<IconInbox size={28} stroke={1.5} />} {...props} />;
}

/** What happened, what to do, and a way to try again. */
export function Failed(props: { error: ApiError; retry: () => unknown; small?: boolean }) {
  const { error, retry, small } = props;
  const t = useText().states;
  if (error.code === 'FORBIDDEN') return <Forbidden {...(small ? { small } : { page: true })} />;
  if (error.code === 'NOT_FOUND') return <NotFound {...(small ? { small } : { page: true })} />;
  const network = error.code === 'NETWORK';
  const said = network || error.code === 'INTERNAL' ? undefined : error.message;
  return (
    <StateBox
      icon={network ? <IconPlugConnectedX size={28} stroke={1.5} /> : <IconAlertTriangle size={28} stroke={1.5} />}
      title={network ? t.network : t.failed}
      hint={
        <>
          {network ? t.networkHint : (said ?? t.failedHint)}
          {error.requestId && <small className="mono cell-sub">{t.requestId(error.requestId)}</small>}
        </>
      }
      action={
        <Button variant="default" onClick={() => retry()}>
          {t.retry}
        </Button>
      }
      {...(small ? { small } : { page: true })}
    />
  );
}

export function Forbidden({ small, page }: { small?: boolean; page?: boolean }) {
  const t = useText().states;
  return (
    <StateBox
      icon={<IconLock size={28} stroke={1.5} />}
      title={t.forbidden}
      hint={t.forbiddenHint}
      action={!small && <Link to="/">{t.home}</Link>}
      {...(small ? { small } : {})}
      {...(page ? { page } : {})}
    />
  );
}

export function NotFound({ small, page }: { small?: boolean; page?: boolean }) {
  const t = useText().states;
  return (
    <StateBox
      icon={<IconInbox size={28} stroke={1.5} />}
      title={t.notFound}
      hint={t.notFoundHint}
      action={!small && <Link to="/">{t.home}</Link>}
      {...(small ? { small } : {})}
      {...(page ? { page } : {})}
    />
  );
}

/** Grey lines where text will be. */
export function Lines({ count = 4, height = 18 }: { count?: number; height?: number }) {
  const t = useText().states;
  return (
    <div style={{ display: 'grid', gap: 14 }} aria-busy="true" aria-label={t.loading} role="status">
      {Array.from({ length: count }, (_, i) => i).map((i) => (
        <Skeleton key={i} height={height} width={`${96 - ((i * 17) % 30)}%`} />
      ))}
    </div>
  );
}

export function PageSkeleton() {
  return (
    <>
      <div style={{ display: 'grid', gap: 8, marginBottom: 22 }}>
        <Skeleton height={28} width="min(420px, 80%)" />
        <Skeleton height={16} width="min(300px, 60%)" />
      </div>
      <div className="card">
        <Lines count={8} />
      </div>
    </>
  );
}

/** Said above a page that shows what it has: parts of it failed. */
export function Partly({ reads }: { reads: readonly ReadState[] }) {
  const t = useText().states;
  const failed = reads.filter((read) => read.error && read.error.code !== 'FORBIDDEN' && read.error.code !== 'NETWORK');
  if (failed.length === 0) return null;
  return (
    <Alert color="yellow" variant="light" role="status" mb="md" py={8}>
      <div style={{ display: 'flex', flexWrap: 'wrap', alignItems: 'center', gap: 12 }}>
        {t.some}
        <Button
          size="compact-sm"
          variant="default"
          onClick={() => void Promise.all(failed.map((read) => read.refetch()))}
        >
          {t.retry}
        </Button>
      </div>
    </Alert>
  );
}

interface ReadState {
  readonly data: unknown;
  readonly error: ApiError | null;
  readonly refetch: () => unknown;
}

/** Shows the skeleton until data is there, the failure if it never came, else the children. Old data stays on a failed refresh. */
export function Loaded({
  read,
  skeleton,
  small,
  children,
}: {
  read: ReadState;
  skeleton?: ReactNode;
  small?: boolean;
  children: () => ReactNode;
}) {
  if (read.data !== undefined) return <>{children()}</>;
  if (read.error) return <Failed error={read.error} retry={read.refetch} {...(small ? { small } : {})} />;
  return <>{skeleton ?? <Lines />}</>;
}
