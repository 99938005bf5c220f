import { useSyncExternalStore } from 'react';
import { ApiError, post } from './post.js';

export interface Session {
  readonly accessToken: string;
  readonly refreshToken: string;
  /** When the access token ends, RFC 3339. */
  readonly expiresAt: string;
}

const storageKey = 'throughline.session';
/** Renewed this long before it ends, so that no request meets an ended token. */
const renewBeforeMs = 30_000;
const listeners = new Set<() => void>();

function read(): Session | null {
  const text = localStorage.getItem(storageKey);
  if (!text) return null;
  try {
    const value = JSON.parse(text) as Partial<Session>;
    return value.accessToken && value.refreshToken && value.expiresAt ? (value as Session) : null;
  } catch {
    return null;
  }
}

let current = read();

function write(next: Session | null) {
  current = next;
  if (next) localStorage.setItem(storageKey, JSON.stringify(next));
  else localStorage.removeItem(storageKey);
  for (const listener of listeners) listener();
}

// Another tab signed in, out, or renewed the tokens.
window.addEventListener('storage', (event) => {
  if (event.key !== storageKey) return;
  current = read();
  for (const listener of listeners) listener();
});

const tokensOf = 'accessToken refreshToken expiresAt';

export async function signIn(email: string, password: string): Promise<void> {
  const { signIn: tokens } = await post<{ signIn: Session }>(
    `mutation SignIn($email: String!, $password: String!) { signIn(email: $email, password: $password) { ${tokensOf} } }`,
    { email, password },
  );
  write(tokens);
}

/** Ends the session here even when the server cannot be told. */
export async function signOut(): Promise<void> {
  const session = current;
  write(null);
  // What was typed and not saved is nobody else's business.
  sessionStorage.clear();
  if (!session) return;
  await post(
    'mutation SignOut($refreshToken: String!) { signOut(refreshToken: $refreshToken) }',
    { refreshToken: session.refreshToken },
    { token: session.accessToken },
  ).catch((error: unknown) => {
    if (!(error instanceof ApiError)) throw error;
  });
}

/** Renews under a lock over all tabs: a refresh token may be used once. */
async function renew(stale: Session): Promise<Session> {
  const work = async () => {
    const latest = read();
    if (latest && latest.accessToken !== stale.accessToken) {
      write(latest);
      return latest;
    }
    const { refresh } = await post<{ refresh: Session }>(
      `mutation Refresh($refreshToken: String!) { refresh(refreshToken: $refreshToken) { ${tokensOf} } }`,
      { refreshToken: stale.refreshToken },
    );
    write(refresh);
    return refresh;
  };
  try {
    // Web Locks exist in secure contexts only; on plain http in a network each tab renews for itself.
    return navigator.locks ? await navigator.locks.request(storageKey, work) : await work();
  } catch (error) {
    if (error instanceof ApiError && error.code === 'UNAUTHENTICATED') write(null);
    throw error;
  }
}

/** A token that is good for now. With `refused`, the token the server did not take is renewed first. */
export async function accessToken(refused?: string): Promise<string> {
  const session = current;
  if (!session) throw new ApiError('UNAUTHENTICATED', 'Sign in first.');
  const ending = Date.parse(session.expiresAt) - Date.now() < renewBeforeMs;
  if (ending || session.accessToken === refused) return (await renew(session)).accessToken;
  return session.accessToken;
}

const subscribe = (listener: () => void) => {
  listeners.add(listener);
  return () => void listeners.delete(listener);
};

export const useSignedIn = (): boolean => useSyncExternalStore(subscribe, () => current !== null);
