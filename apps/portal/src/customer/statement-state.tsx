import { useText } from '../i18n/i18n.js';

const colours: Record<string, string> = {
  paid: 'var(--c-producing)',
  finalised: 'var(--c-planned_maintenance)',
  totals_differ: 'var(--c-vendor_down)',
  payment_failed: 'var(--c-vendor_down)',
};

export function StatementState({ state, label }: { state: string; label?: string }) {
  const t = useText().statements;
  return (
    <span className="pill">
      <i style={{ background: colours[state] ?? 'var(--c-unknown)' }} />
      {label ?? t.states[state] ?? state}
    </span>
  );
}
