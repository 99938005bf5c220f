import fc from 'fast-check';
import { type ClientSession, changedBy, type LifeCycleEvent, sessionIdOf } from './life-cycle.js';

const event = (
  eventType: LifeCycleEvent['eventType'],
  session: number,
  timestamp: number,
  disconnectReason?: string,
): LifeCycleEvent => ({
  eventType,
  clientId: 'rx-1',
  timestamp,
  sessionIdentifier: `session-${session}`,
  versionNumber: session,
  ...(disconnectReason && { disconnectReason }),
});

/** As stored: a session is replaced by what it changed to, and only those that matter are looked at. */
function after(events: readonly LifeCycleEvent[]): ClientSession[] {
  const stored = new Map<string, ClientSession>();
  for (const one of events) {
    const known = [...stored.values()].filter(
      ({ sessionId, to }) => sessionId === sessionIdOf(one) || to === null || to >= one.timestamp,
    );
    for (const session of changedBy(known, one)) stored.set(session.sessionId, session);
  }
  return [...stored.values()].sort((a, b) => a.from - b.from || (a.sessionId < b.sessionId ? -1 : 1));
}

const shape = (events: readonly LifeCycleEvent[]) => after(events).map(({ from, to, reason }) => [from, to, reason]);

it('a connection is from its connect to its disconnect, with the reason', () => {
  expect(shape([event('connected', 1, 10)])).toEqual([[10, null, null]]);
  expect(shape([event('connected', 1, 10), event('disconnected', 1, 30, 'MQTT_KEEP_ALIVE_TIMEOUT')])).toEqual([
    [10, 30, 'keep_alive_timeout'],
  ]);
});

it('the end of a connection that was taken over comes after the start of the next one, which goes on', () => {
  const all = [
    event('connected', 1, 10),
    event('connected', 2, 20),
    event('disconnected', 1, 25, 'DUPLICATE_CLIENTID'),
  ];
  expect(shape(all)).toEqual([
    [10, 20, 'taken_over'],
    [20, null, null],
  ]);
});

it('a disconnect that comes before its connect, and one whose connect never comes', () => {
  expect(shape([event('disconnected', 1, 30, 'CONNECTION_LOST'), event('connected', 1, 10)])).toEqual([
    [10, 30, 'connection_lost'],
  ]);
  expect(shape([event('disconnected', 1, 30, 'WEBSOCKET_TTL_EXPIRATION')])).toEqual([[30, 30, 'connection_lost']]);
});

const history = fc
  .array(
    fc.record({
      at: fc.integer({ min: 0, max: 60 }),
      lasts: fc.option(fc.integer({ min: 0, max: 40 })),
      reason: fc.constantFrom('CONNECTION_LOST', 'DUPLICATE_CLIENTID', 'CLIENT_INITIATED_DISCONNECT'),
      heard: fc.constantFrom('both', 'start', 'end'),
    }),
    { minLength: 1, maxLength: 7 },
  )
  .map((sessions) =>
    sessions.flatMap(({ at, lasts, reason, heard }, i) => {
      const start = heard === 'end' ? [] : [event('connected', i, at)];
      const end = lasts === null || heard === 'start' ? [] : [event('disconnected', i, at + lasts, reason)];
      return [...start, ...end];
    }),
  );

/** Said without any order: each session's beginning, and the earlier of its end and the next one's beginning. */
function meant(events: readonly LifeCycleEvent[]) {
  const ends = new Map(events.filter((e) => e.eventType === 'disconnected').map((e) => [sessionIdOf(e), e]));
  const starts = new Map(events.filter((e) => e.eventType === 'connected').map((e) => [sessionIdOf(e), e.timestamp]));
  return [...new Set(events.map(sessionIdOf))]
    .map((id) => {
      const end = ends.get(id)?.timestamp;
      const from = starts.get(id);
      if (from === undefined) return [id, end, end];
      const later = [...starts].filter(([other, at]) => at > from || (at === from && other > id)).map(([, at]) => at);
      const to = Math.min(end ?? Number.POSITIVE_INFINITY, ...later);
      return [id, from, Number.isFinite(to) ? Math.max(from, to) : null];
    })
    .sort((a, b) => String(a[0]).localeCompare(String(b[0])));
}

it('order and repetition of events never matter', () => {
  fc.assert(
    fc.property(
      history.chain((events) =>
        fc.tuple(fc.constant(events), fc.shuffledSubarray([...events, ...events], { minLength: 2 * events.length })),
      ),
      ([events, delivered]) => {
        const result = after(delivered);
        expect(result).toEqual(after(events));
        expect(
          result
            .map(({ sessionId, from, to }) => [sessionId, from, to])
            .sort((a, b) => String(a[0]).localeCompare(String(b[0]))),
        ).toEqual(meant(events));
        const began = result.filter((session) => session.began);
        for (const [i, session] of began.entries())
          expect(session.to ?? Number.POSITIVE_INFINITY).toBeLessThanOrEqual(
            began[i + 1]?.from ?? Number.POSITIVE_INFINITY,
          );
      },
    ),
    { numRuns: 500 },
  );
});
