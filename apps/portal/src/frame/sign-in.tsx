import { Alert, Button, PasswordInput, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { IconAlertTriangle } from '@tabler/icons-react';
import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { Navigate, useNavigate, useSearchParams } from 'react-router';
import { ApiError } from '../api/post.js';
import { signIn, useSignedIn } from '../api/session.js';
import { useText } from '../i18n/i18n.js';
import { Logo } from './logo.js';

/** The way back to the page one asked for; only addresses of this portal. */
const safeNext = (next: string | null) => (next?.startsWith('/') && !next.startsWith('//') ? next : '/');

/** A picture of three strips: shares of the width and their categories. */
const art = [
  {
    key: 'a',
    parts: [
      [34, 'producing'],
      [8, 'ready'],
      [40, 'producing'],
      [6, 'planned_maintenance'],
      [12, 'producing'],
    ],
  },
  {
    key: 'b',
    parts: [
      [22, 'producing'],
      [14, 'ready'],
      [20, 'producing'],
      [10, 'utility'],
      [34, 'producing'],
    ],
  },
  {
    key: 'c',
    parts: [
      [48, 'ready'],
      [6, 'producing'],
      [18, 'vendor_down'],
      [8, 'ready'],
      [20, 'producing'],
    ],
  },
] as const;

export function SignIn() {
  const { signIn: t, states, appName } = useText();
  const signedIn = useSignedIn();
  const navigate = useNavigate();
  const client = useQueryClient();
  const [search] = useSearchParams();
  const [fault, setFault] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const form = useForm({
    mode: 'uncontrolled',
    initialValues: { email: '', password: '' },
    validate: {
      email: (value) => (/^\S+@\S+$/.test(value.trim()) ? null : t.emailRule),
      password: (value) => (value ? null : t.passwordRule),
    },
  });
  useEffect(() => {
    document.title = `${t.title} · ${appName}`;
  }, [t, appName]);
  const next = safeNext(search.get('next'));
  if (signedIn && !busy) return <Navigate to={next} replace />;

  const submit = async ({ email, password }: { email: string; password: string }) => {
    setBusy(true);
    setFault(null);
    try {
      await signIn(email.trim(), password);
      client.clear();
      await navigate(next, { replace: true });
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      const said: Record<string, string> = {
        UNAUTHENTICATED: t.wrong,
        RATE_LIMITED: t.limited,
        NETWORK: states.network,
      };
      setFault(said[error.code] ?? error.message);
    } finally {
      setBusy(false);
    }
  };

  return (
    <div className="sign-in">
      <main className="sign-in-form">
        <span className="brand">
          <Logo />
          {appName}
        </span>
        <div>
          <h1>{t.title}</h1>
          <span className="dim">{t.lead}</span>
        </div>
        <form onSubmit={form.onSubmit((values) => void submit(values))} noValidate style={{ display: 'grid', gap: 14 }}>
          {fault && (
            <Alert color="red" variant="light" icon={<IconAlertTriangle size={18} />} role="alert" py={10}>
              {fault}
            </Alert>
          )}
          <TextInput
            label={t.email}
            type="email"
            autoComplete="username"
            autoFocus
            size="md"
            key={form.key('email')}
            {...form.getInputProps('email')}
          />
          <PasswordInput
            label={t.password}
            autoComplete="current-password"
            size="md"
            key={form.key('password')}
            {...form.getInputProps('password')}
          />
          <Button type="submit" size="md" loading={busy} mt={4}>
            {t.submit}
          </Button>
        </form>
      </main>
      <aside className="sign-in-art">
        <p>{t.promise}</p>
        {art.map(({ key, parts }) => (
          <div key={key} style={{ display: 'flex', gap: 1, maxWidth: 620 }} aria-hidden="true">
            {parts.map(([width, category]) => (
              <i key={`${width}${category}`} style={{ flex: width, background: `var(--c-${category})` }} />
            ))}
          </div>
        ))}
      </aside>
    </div>
  );
}
