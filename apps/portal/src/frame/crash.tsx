import { Button } from '@mantine/core';
import { IconAlertTriangle } from '@tabler/icons-react';
import { isRouteErrorResponse, useRouteError } from 'react-router';
import { useText } from '../i18n/i18n.js';
import { NotFound } from './states.js';

/** Last resort of the router: an unknown address, a page that cannot be fetched, or a fault of ours. */
export function Crash() {
  const error = useRouteError();
  const t = useText().states;
  if (isRouteErrorResponse(error) && error.status === 404)
    return (
      <main className="main">
        <NotFound page />
      </main>
    );
  return (
    <main className="main">
      <div className="state-box" role="alert">
        <IconAlertTriangle size={28} stroke={1.5} />
        <h1>{t.crash}</h1>
        <p>{t.crashHint}</p>
        <Button variant="default" onClick={() => location.reload()}>
          {t.reload}
        </Button>
      </div>
    </main>
  );
}
