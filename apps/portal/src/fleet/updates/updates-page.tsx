import { Button } from '@mantine/core';
import { useState } from 'react';
import { PageHead } from '../../frame/page.js';
import { useMay } from '../../frame/viewer.js';
import { useText } from '../../i18n/i18n.js';
import { PickTargets } from '../bulk/pick-targets.js';
import { PageTabs } from '../parts/tabs.js';
import { ArtefactsTab } from './artefacts-tab.js';
import { ReleasesTab } from './releases-tab.js';
import { RolloutsTab } from './rollouts-tab.js';

export function UpdatesPage() {
  const t = useText().console.updates;
  const may = useMay();
  const [starting, setStarting] = useState(false);
  return (
    <>
      <PageHead
        title={t.title}
        tab={t.title}
        lead={t.lead}
        actions={may('releases:write') && <Button onClick={() => setStarting(true)}>{t.start}</Button>}
      />
      <PageTabs
        label={t.title}
        tabs={[
          { key: 'rollouts', title: t.rollouts, body: () => <RolloutsTab /> },
          { key: 'releases', title: t.releases, body: () => <ReleasesTab /> },
          { key: 'artefacts', title: t.artefacts, body: () => <ArtefactsTab /> },
        ]}
      />
      {starting && <PickTargets action="release" onClose={() => setStarting(false)} />}
    </>
  );
}
