import { usePages } from '../../api/client.js';
import { attemptsQuery } from '../../api/operations/provisioning.js';
import { PageHead } from '../../frame/page.js';
import { useText } from '../../i18n/i18n.js';
import { PageTabs } from '../parts/tabs.js';
import { AttemptsTab } from './attempts-tab.js';
import { BatchesTab } from './batches-tab.js';
import { CasTab } from './cas-tab.js';
import { TemplatesTab } from './templates-tab.js';

export function ProvisioningPage() {
  const t = useText().console.provisioning;
  const refused = usePages(attemptsQuery, { first: 1, accepted: false }, (r) => r.provisioningAttempts, {
    every: 15_000,
  });
  const asked = usePages(attemptsQuery, { first: 1, accepted: null }, (r) => r.provisioningAttempts, { every: 15_000 });
  return (
    <>
      <PageHead
        title={asked.total === undefined || refused.total === undefined ? t.title : t.head(asked.total, refused.total)}
        tab={t.title}
        lead={t.lead}
      />
      <PageTabs
        label={t.title}
        tabs={[
          { key: 'batches', title: t.batches, body: () => <BatchesTab /> },
          { key: 'templates', title: t.templates, body: () => <TemplatesTab /> },
          { key: 'attempts', title: t.attempts, body: () => <AttemptsTab /> },
          { key: 'cas', title: t.cas, body: () => <CasTab /> },
        ]}
      />
    </>
  );
}
