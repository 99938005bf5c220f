import type { ComponentType } from 'react';
import { createBrowserRouter, Navigate } from 'react-router';
import { Crash } from './frame/crash.js';
import { ConsoleFrame, Home, Shell } from './frame/shell.js';
import { SignIn } from './frame/sign-in.js';
import { NotFound, PageSkeleton } from './frame/states.js';

/** A page in its own chunk, fetched when its address is opened. */
const page = (load: () => Promise<ComponentType>) => async () => ({ Component: await load() });

const machine = page(async () => (await import('./customer/machine-page.js')).MachinePage);
const statement = page(async () => (await import('./customer/statement-page.js')).StatementPage);
const statements = page(async () => (await import('./customer/statements-page.js')).StatementsPage);

export const router = createBrowserRouter([
  { path: '/sign-in', element: <SignIn />, errorElement: <Crash /> },
  {
    path: '/',
    element: <Shell />,
    errorElement: <Crash />,
    hydrateFallbackElement: (
      <main className="main">
        <PageSkeleton />
      </main>
    ),
    children: [
      { index: true, element: <Home /> },
      {
        element: <ConsoleFrame name="customer" />,
        children: [
          { path: 'overview', lazy: page(async () => (await import('./customer/overview-page.js')).OverviewPage) },
          { path: 'machines', lazy: page(async () => (await import('./customer/machines-page.js')).MachinesPage) },
          { path: 'machines/:id', lazy: machine },
          { path: 'statements', lazy: statements },
          { path: 'statements/:id', lazy: statement },
          { path: '*', element: <NotFound page /> },
        ],
      },
      {
        path: 'finance',
        element: <ConsoleFrame name="finance" />,
        children: [
          { index: true, element: <Navigate to="/finance/plans" replace /> },
          { path: 'plans', lazy: page(async () => (await import('./finance/plans-page.js')).PlansPage) },
          { path: 'plans/:id', lazy: page(async () => (await import('./finance/plan-page.js')).PlanPage) },
          { path: 'contracts', lazy: page(async () => (await import('./finance/contracts-page.js')).ContractsPage) },
          {
            path: 'contracts/new',
            lazy: page(async () => (await import('./finance/new-contract-page.js')).NewContractPage),
          },
          { path: 'contracts/:id', lazy: page(async () => (await import('./finance/contract-page.js')).ContractPage) },
          { path: 'machines/:id', lazy: machine },
          { path: 'statements', lazy: statements },
          { path: 'statements/:id', lazy: statement },
          { path: '*', element: <NotFound page /> },
        ],
      },
      {
        path: 'fleet',
        element: <ConsoleFrame name="fleet" />,
        children: [
          { index: true, element: <Navigate to="/fleet/machines" replace /> },
          { path: 'machines', lazy: page(async () => (await import('./customer/machines-page.js')).MachinesPage) },
          { path: 'machines/:id', lazy: machine },
          { path: 'devices', lazy: page(async () => (await import('./fleet/devices/devices-page.js')).DevicesPage) },
          { path: 'devices/:id', lazy: page(async () => (await import('./fleet/device/device-page.js')).DevicePage) },
          { path: 'groups', lazy: page(async () => (await import('./fleet/groups/groups-page.js')).GroupsPage) },
          { path: 'groups/:id', lazy: page(async () => (await import('./fleet/groups/group-page.js')).GroupPage) },
          {
            path: 'provisioning',
            lazy: page(async () => (await import('./fleet/provisioning/provisioning-page.js')).ProvisioningPage),
          },
          { path: 'updates', lazy: page(async () => (await import('./fleet/updates/updates-page.js')).UpdatesPage) },
          {
            path: 'updates/:id',
            lazy: page(async () => (await import('./fleet/updates/rollout-page.js')).RolloutPage),
          },
          {
            path: 'diagnostics',
            lazy: page(async () => (await import('./fleet/diagnostics/diagnostics-page.js')).DiagnosticsPage),
          },
          {
            path: 'diagnostics/:batchId',
            lazy: page(async () => (await import('./fleet/diagnostics/batch-page.js')).BatchPage),
          },
          { path: 'ingest', lazy: page(async () => (await import('./fleet/ingest/ingest-page.js')).IngestPage) },
          { path: '*', element: <NotFound page /> },
        ],
      },
    ],
  },
]);
