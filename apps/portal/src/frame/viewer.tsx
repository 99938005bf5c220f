import { createContext, use } from 'react';
import type { Viewer } from '../api/operations/viewer.js';

export const ViewerContext = createContext<Viewer | null>(null);

export function useViewer(): Viewer {
  const viewer = use(ViewerContext);
  if (!viewer) throw new Error('useViewer outside the frame');
  return viewer;
}

export type ConsoleName = 'customer' | 'finance' | 'fleet';

/** Paths of the console one is in; a machine or statement opens in the console it was linked from. */
export const consoleBase: Record<ConsoleName, string> = { customer: '', finance: '/finance', fleet: '/fleet' };

const ConsoleContext = createContext<ConsoleName>('customer');
export const ConsoleProvider = ConsoleContext.Provider;
export const useConsole = (): ConsoleName => use(ConsoleContext);

/** Roles that see money; the API refuses contracts and statements to the others. */
const seesMoney = new Set(['owner', 'billing_contact', 'admin', 'finance', 'auditor', 'analyst']);
export const maySeeMoney = (viewer: Viewer): boolean => seesMoney.has(viewer.role);

/** Roles that may write plans and contracts. */
const writesTerms = new Set(['admin', 'finance']);
export const mayWriteTerms = (viewer: Viewer): boolean => writesTerms.has(viewer.role);

/** Whether the viewer's role has a permission, such as "devices:write". */
export const may = (viewer: Viewer, permission: string): boolean => viewer.permissions.includes(permission);

export function useMay(): (permission: string) => boolean {
  const viewer = useViewer();
  return (permission) => may(viewer, permission);
}

export interface Page {
  readonly path: string;
  readonly name:
    | 'overview'
    | 'machines'
    | 'statements'
    | 'plans'
    | 'contracts'
    | 'fleet'
    | 'devices'
    | 'groups'
    | 'provisioning'
    | 'updates'
    | 'diagnostics'
    | 'ingest';
}

const pageIf = (viewer: Viewer, permission: string, page: Page): readonly Page[] =>
  may(viewer, permission) ? [page] : [];

/** The pages of a console this viewer may open. */
export function pagesOf(console: ConsoleName, viewer: Viewer): readonly Page[] {
  if (console === 'finance')
    return [
      { path: '/finance/plans', name: 'plans' },
      { path: '/finance/contracts', name: 'contracts' },
      { path: '/finance/statements', name: 'statements' },
    ];
  if (console === 'fleet')
    return [
      { path: '/fleet/machines', name: 'fleet' },
      { path: '/fleet/devices', name: 'devices' },
      { path: '/fleet/groups', name: 'groups' },
      ...pageIf(viewer, 'provisioning:read', { path: '/fleet/provisioning', name: 'provisioning' }),
      ...pageIf(viewer, 'releases:read', { path: '/fleet/updates', name: 'updates' }),
      ...pageIf(viewer, 'commands:read', { path: '/fleet/diagnostics', name: 'diagnostics' }),
      { path: '/fleet/ingest', name: 'ingest' },
    ];
  return [
    { path: '/overview', name: 'overview' },
    { path: '/machines', name: 'machines' },
    ...(maySeeMoney(viewer) ? [{ path: '/statements', name: 'statements' } as const] : []),
  ];
}

const isConsole = (name: string): name is ConsoleName => Object.hasOwn(consoleBase, name);

/** Consoles of the viewer, the one to begin with first. */
export const consolesOf = (viewer: Viewer): readonly ConsoleName[] =>
  viewer.consoles.flatMap((name) => (isConsole(name) ? [name] : []));
