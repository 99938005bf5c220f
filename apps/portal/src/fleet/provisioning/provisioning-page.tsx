import { PageHead } from '../../frame/page.js';
import { useText } from '../../i18n/i18n.js';
import { PageTabs } from '../parts/tabs.js';
import { AttemptsTab } from './attempts-tab.js';
import { BatchesTab } from './batches-tab.js';
import { CasTab } from './cas-tab.js';
import { TemplatesTab } from './templates-tab.js';

export function ProvisioningPage() {
  const t = useText().console.provisioning;
  return (
    <>
      <PageHead title={t.title} tab={t.title} lead={t.lead} />
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
