import { Modal } from '@mantine/core';
import type { PlanVersion } from '../api/operations/finance.js';
import { useI18n } from '../i18n/i18n.js';
import { useTermsDifferences } from './terms-difference.js';

/** What differs between two versions of a plan, side by side. */
export function CompareVersions({ a, b, onClose }: { a: PlanVersion; b: PlanVersion; onClose: () => void }) {
  const { text } = useI18n();
  const t = text.plans;
  const rows = useTermsDifferences(a.terms, b.terms);
  return (
    <Modal
      opened
      onClose={onClose}
      size="xl"
      title={t.compareTitle(a.version, b.version)}
      closeButtonProps={{ 'aria-label': text.table.close }}
    >
      {rows.length === 0 ? (
        <p className="dim">{t.same}</p>
      ) : (
        <table className="data">
          <thead>
            <tr>
              <th>{text.contracts.terms}</th>
              <th className="end">{t.version(a.version)}</th>
              <th className="end">{t.version(b.version)}</th>
            </tr>
          </thead>
          <tbody>
            {rows.map((row) => (
              <tr key={row.name}>
                <td>{row.name}</td>
                <td className="end dim" style={{ whiteSpace: 'normal' }}>
                  {row.a ?? '–'}
                </td>
                <td className="end strong" style={{ whiteSpace: 'normal' }}>
                  {row.b ?? '–'}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </Modal>
  );
}
