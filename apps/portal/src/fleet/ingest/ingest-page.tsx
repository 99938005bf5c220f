import { usePages } from '../../api/client.js';
import { quarantineQuery } from '../../api/operations/quarantine.js';
import { PageHead } from '../../frame/page.js';
import { useText } from '../../i18n/i18n.js';
import { PageTabs } from '../parts/tabs.js';
import { FilterBar } from './filter-bar.js';
import { GroupsTab } from './groups-tab.js';
import { MessagesTab } from './messages-tab.js';
import { useQuarantineFilter } from './quarantine-filter.js';
import { TasksTab } from './tasks-tab.js';

/** What could not be stored as telemetry: found, looked at, replayed after a mend, or given up with a reason. */
export function IngestPage() {
  const t = useText().quarantine;
  const by = useQuarantineFilter();
  const read = usePages(quarantineQuery, { first: 1, filter: { state: 'set_aside' } }, (r) => r.quarantine, {
    every: 30_000,
  });
  const { total } = read;
  return (
    <>
      <PageHead
        title={total === undefined ? t.title : total > 0 ? t.head(total) : t.none}
        tab={t.title}
        lead={total ? t.lead : undefined}
      />
      <PageTabs
        label={t.title}
        tabs={[
          {
            key: 'groups',
            title: t.groups,
            body: () => (
              <>
                <FilterBar by={by} />
                <GroupsTab by={by} />
              </>
            ),
          },
          {
            key: 'messages',
            title: t.list,
            body: () => (
              <>
                <FilterBar by={by} />
                <MessagesTab by={by} />
              </>
            ),
          },
          { key: 'tasks', title: t.tasks, body: () => <TasksTab /> },
        ]}
      />
    </>
  );
}
