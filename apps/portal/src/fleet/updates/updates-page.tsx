import { Button } from '@mantine/core';
import { useState } from 'react';
import { usePages } from '../../api/client.js';
import { rolloutsQuery } from '../../api/operations/updates.js';
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
  const read = usePages(rolloutsQuery, { first: 50 }, (r) => r.rollouts, { keep: true, every: 5000 });
  const running = read.nodes.filter(({ state }) => state === 'running').length;
  const [starting, setStarting] = useState(false);
  return (
    <>
      <PageHead
        title={read.total === undefined ? t.title : read.total === 0 ? t.noRollouts : t.running(running)}
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
