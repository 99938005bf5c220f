import { Alert, Button, Group, Modal, TextInput } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { IconPlus } from '@tabler/icons-react';
import { useMemo, useState } from 'react';
import { Link, useNavigate } from 'react-router';
import { useRead, useWrite } from '../api/client.js';
import { createPlanMutation, type Plan, plansQuery } from '../api/operations/finance.js';
import { Card, PageHead } from '../frame/page.js';
import { Empty, Loaded, PageSkeleton } from '../frame/states.js';
import { mayWriteTerms, useViewer } from '../frame/viewer.js';
import { browserZone } from '../i18n/formats.js';
import { useI18n } from '../i18n/i18n.js';
import { type Column, DataTable } from '../parts/data-table.js';
import { emptyGuarantee, inputOf } from './terms-draft.js';

function NewPlan({ opened, onClose }: { opened: boolean; onClose: () => void }) {
  const { text } = useI18n();
  const t = text.plans;
  const navigate = useNavigate();
  const create = useWrite(createPlanMutation, ['Plans']);
  const [name, setName] = useState('');
  const [tried, setTried] = useState(false);
  const wrong = name.trim() === '' || name.length > 100;
  const submit = async () => {
    setTried(true);
    if (wrong) return;
    const start = inputOf({
      currency: 'EUR',
      charges: [
        {
          id: 0,
          kind: 'recurring',
          key: 'base_fee',
          description: text.terms.recurring,
          amount: '0.00',
          per: 'asset',
          meter: '',
          unit: '',
          priceModel: 'per_unit',
          unitPrice: '',
          pooling: 'contract',
          tiers: [],
        },
      ],
      guarantees: [{ ...emptyGuarantee('base_fee'), description: text.terms.target }],
    });
    const { createPlan } = await create.mutateAsync({ name: name.trim(), terms: start });
    await navigate(`/finance/plans/${createPlan.plan.id}`);
  };
  return (
    <Modal opened={opened} onClose={onClose} title={t.create} closeButtonProps={{ 'aria-label': text.table.close }}>
      <form
        style={{ display: 'grid', gap: 14 }}
        onSubmit={(event) => {
          event.preventDefault();
          void submit().catch(() => undefined);
        }}
      >
        <TextInput
          label={t.name}
          value={name}
          onChange={(e) => setName(e.currentTarget.value)}
          error={wrong && (tried || name) ? t.nameRule : null}
          data-autofocus
        />
        {create.error && (
          <Alert color="red" variant="light" role="alert">
            {create.error.message}
          </Alert>
        )}
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            {t.cancel}
          </Button>
          <Button type="submit" loading={create.isPending}>
            {t.create}
          </Button>
        </Group>
      </form>
    </Modal>
  );
}

const newest = (plan: Plan, state: string) =>
  [...plan.versions].filter((v) => v.state === state).sort((a, b) => b.version - a.version)[0];
const contractsOf = (plan: Plan) => plan.versions.reduce((n, version) => n + version.contractCount, 0);

export function PlansPage() {
  const { text, formats } = useI18n();
  const t = text.plans;
  const viewer = useViewer();
  const read = useRead(plansQuery, {});
  const [opened, modal] = useDisclosure(false);
  const plans = read.data?.plans ?? [];
  const columns = useMemo<Column<Plan>[]>(
    () => [
      {
        key: 'name',
        title: t.plan,
        sort: (r) => r.name,
        render: (r) => (
          <Link className="row-title strong" to={`/finance/plans/${r.id}`}>
            {r.name}
          </Link>
        ),
      },
      {
        key: 'published',
        title: t.published,
        sort: (r) => newest(r, 'published')?.version ?? null,
        render: (r) => {
          const version = newest(r, 'published');
          return version?.publishedAt ? (
            `${t.version(version.version)} · ${formats.date(version.publishedAt, browserZone)}`
          ) : (
            <span className="dim">–</span>
          );
        },
      },
      {
        key: 'draft',
        title: t.draft,
        sort: (r) => newest(r, 'draft')?.version ?? null,
        render: (r) => {
          const version = newest(r, 'draft');
          return version ? <span className="pill">{t.draftOf(version.version)}</span> : <span className="dim">–</span>;
        },
      },
      {
        key: 'currency',
        title: t.currency,
        sort: (r) => r.versions[0]?.terms.currency ?? null,
        render: (r) => r.versions[0]?.terms.currency,
      },
      {
        key: 'contracts',
        title: t.contracts,
        end: true,
        sort: contractsOf,
        render: (r) => formats.count(contractsOf(r)),
      },
    ],
    [t, formats],
  );

  const drafts = plans.filter((plan) => newest(plan, 'draft')).length;
  const action = mayWriteTerms(viewer) && (
    <Button leftSection={<IconPlus size={16} />} onClick={modal.open}>
      {t.create}
    </Button>
  );
  return (
    <Loaded read={read} skeleton={<PageSkeleton />}>
      {() => (
        <>
          <PageHead
            title={plans.length === 0 ? t.headNone : drafts > 0 ? t.headDrafts(drafts) : t.headAll}
            tab={t.title}
            lead={
              plans.length > 0 &&
              t.lead(
                plans.length,
                plans.reduce((n, plan) => n + contractsOf(plan), 0),
              )
            }
            actions={plans.length > 0 && action}
          />
          <Card>
            <DataTable
              rows={plans}
              columns={columns}
              rowKey={(r) => r.id}
              name={t.title}
              empty={<Empty title={t.headNone} hint={t.noneHint} action={action} />}
            />
          </Card>
          {opened && <NewPlan opened={opened} onClose={modal.close} />}
        </>
      )}
    </Loaded>
  );
}
