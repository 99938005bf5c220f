import { useI18n } from '../../i18n/i18n.js';

type Tone = 'good' | 'warn' | 'bad' | 'busy' | 'calm';

const colours: Record<Tone, string> = {
  good: 'var(--c-producing)',
  warn: 'var(--c-degraded)',
  bad: 'var(--c-vendor_down)',
  busy: 'var(--c-planned_maintenance)',
  calm: 'var(--c-unknown)',
};

/** How a state is meant: of a command, a job, an update, a run, a release or a batch. */
const tones: Record<string, Tone> = {
  succeeded: 'good',
  passed: 'good',
  published: 'good',
  completed: 'good',
  accepted: 'good',
  active: 'good',
  connected: 'good',
  failed: 'bad',
  rejected: 'bad',
  refused: 'bad',
  timed_out: 'bad',
  gave_up: 'bad',
  rolled_back: 'bad',
  quarantined: 'bad',
  revoked: 'bad',
  expired: 'warn',
  left_out: 'warn',
  sleeping: 'warn',
  suspended: 'warn',
  in_progress: 'busy',
  running: 'busy',
  sent: 'busy',
  downloading: 'busy',
  installing: 'busy',
  confirming: 'busy',
};

export function TonePill({ state, label }: { state: string; label?: string }) {
  const { states } = useI18n().text.console;
  const key = state.toLowerCase();
  return (
    <span className="pill">
      <i style={{ background: colours[tones[key] ?? 'calm'] }} />
      {label ?? states[key] ?? key.replaceAll('_', ' ')}
    </span>
  );
}
