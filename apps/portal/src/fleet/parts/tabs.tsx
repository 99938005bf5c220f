import { Tabs } from '@mantine/core';
import type { ReactNode } from 'react';
import { useAddress } from '../../parts/data-table.js';

interface Tab {
  readonly key: string;
  readonly title: string;
  readonly body: () => ReactNode;
}

/** Parts of a page; which one is open is in the address, only that one is loaded. */
export function PageTabs({ tabs, label }: { tabs: readonly Tab[]; label: string }) {
  const [named, setTab] = useAddress('tab');
  const first = tabs[0]?.key ?? '';
  const open = tabs.some((tab) => tab.key === named) ? named : first;
  return (
    <Tabs value={open} onChange={(key) => setTab(key === first || !key ? '' : key)} keepMounted={false}>
      <Tabs.List aria-label={label} mb="md" className="page-tabs no-print">
        {tabs.map((tab) => (
          <Tabs.Tab key={tab.key} value={tab.key}>
            {tab.title}
          </Tabs.Tab>
        ))}
      </Tabs.List>
      {tabs.map((tab) => (
        <Tabs.Panel key={tab.key} value={tab.key}>
          {tab.key === open && tab.body()}
        </Tabs.Panel>
      ))}
    </Tabs>
  );
}
