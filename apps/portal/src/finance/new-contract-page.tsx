import { Alert, Button, Checkbox, Select, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useMemo } from 'react';
import { useNavigate } from 'react-router';
import { usePages, useRead, useWrite } from '../api/client.js';
import { assetsQuery } from '../api/operations/assets.js';
import { createContractMutation, customersQuery, plansQuery } from '../api/operations/finance.js';
import { Card, PageHead } from '../frame/page.js';
import { Failed, Forbidden, Lines, Partly } from '../frame/states.js';
import { mayWriteTerms, useViewer } from '../frame/viewer.js';
import { browserZone } from '../i18n/formats.js';
import { useI18n } from '../i18n/i18n.js';
import { instantOf } from '../i18n/zoned.js';
import { ContractCost } from './contract-cost.js';
import { TermsView } from './terms-view.js';

const isZone = (zone: string): boolean => {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: zone }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
};

/** Midnight of a day (YYYY-MM-DD) in a zone. */
const dayStart = (day: string, zone: string): string => {
  const [year = 1970, month = 1, date = 1] = day.split('-').map(Number);
  return new Date(instantOf(zone, year, month, date)).toISOString();
};

export function NewContractPage() {
  const { text } = useI18n();
  const t = text.contracts;
  const viewer = useViewer();
  const navigate = useNavigate();
  const customers = usePages(customersQuery, { first: 100 }, (r) => r.customers, { all: true });
  const plans = useRead(plansQuery, {});
  const create = useWrite(createContractMutation, ['Contracts', 'Accrued', 'Plans']);
  const versions = useMemo(
    () =>
      (plans.data?.plans ?? []).flatMap((plan) =>
        plan.versions.filter((version) => version.state === 'published').map((version) => ({ plan, version })),
      ),
    [plans.data],
  );
  const now = new Date();
  const form = useForm({
    initialValues: {
      number: '',
      customerId: '',
      planVersionId: '',
      assetIds: [] as string[],
      from: `${now.getFullYear()}-${String(now.getMonth() + 1).padStart(2, '0')}-01`,
      to: '',
      timeZone: browserZone,
    },
    validateInputOnChange: true,
    validate: {
      number: (value) => (value.trim().length >= 1 && value.length <= 40 ? null : t.numberRule),
      customerId: (value) => (value ? null : t.customerRule),
      planVersionId: (value) => (value ? null : t.planRule),
      assetIds: (value) => (value.length > 0 ? null : t.machinesRule),
      from: (value) => (/^\d{4}-\d{2}-\d{2}$/.test(value) ? null : t.fromRule),
      to: (value, values) => (value === '' || value > values.from ? null : t.toRule),
      timeZone: (value) => (isZone(value) ? null : t.timeZoneRule),
    },
  });
  const { customerId, planVersionId, assetIds } = form.values;
  const assets = usePages(assetsQuery, { first: 100, filter: { customerId } }, (r) => r.assets, {
    all: true,
    enabled: customerId !== '',
  });
  const version = versions.find((each) => each.version.id === planVersionId)?.version;
  if (!mayWriteTerms(viewer)) return <Forbidden page />;

  const submit = async (values: typeof form.values) => {
    const { createContract } = await create.mutateAsync({
      input: {
        number: values.number.trim(),
        customerId: values.customerId,
        planVersionId: values.planVersionId,
        assetIds: values.assetIds,
        from: dayStart(values.from, values.timeZone),
        to: values.to ? dayStart(values.to, values.timeZone) : null,
        timeZone: values.timeZone,
      },
    });
    await navigate(`/finance/contracts/${createContract.id}`);
  };
  const chooseCustomer = (id: string | null) => {
    form.setFieldValue('customerId', id ?? '');
    form.setFieldValue('assetIds', []);
    const zone = customers.nodes.find((each) => each.id === id)?.sites[0]?.timeZone;
    if (zone) form.setFieldValue('timeZone', zone);
  };
  const all = assets.nodes.length > 0 && assetIds.length === assets.nodes.length;

  return (
    <>
      <PageHead title={t.formTitle} tab={t.formTitle} lead={t.freezes} />
      <Partly reads={[customers, plans]} />
      <form onSubmit={form.onSubmit((values) => void submit(values).catch(() => undefined))} noValidate>
        <div className="grid cols-2" style={{ alignItems: 'start' }}>
          <div className="stack">
            <Card title={text.statements.contract}>
              <div style={{ display: 'grid', gap: 14 }}>
                {create.error && (
                  <Alert color="red" variant="light" role="alert">
                    {create.error.message}
                    {create.error.faults.map((fault) => (
                      <div key={fault.field}>{`${fault.field}: ${fault.rule}`}</div>
                    ))}
                  </Alert>
                )}
                <div className="fields">
                  <TextInput label={t.number} {...form.getInputProps('number')} />
                  <Select
                    label={t.customer}
                    searchable
                    data={customers.nodes.map((customer) => ({ value: customer.id, label: customer.name }))}
                    {...form.getInputProps('customerId')}
                    value={customerId || null}
                    onChange={chooseCustomer}
                  />
                  <Select
                    label={t.plan}
                    searchable
                    data={versions.map(({ plan, version: each }) => ({
                      value: each.id,
                      label: text.statement.planVersion(plan.name, each.version),
                    }))}
                    {...form.getInputProps('planVersionId')}
                    value={planVersionId || null}
                    onChange={(value) => form.setFieldValue('planVersionId', value ?? '')}
                  />
                </div>
                <div className="fields">
                  <TextInput type="date" label={t.from} {...form.getInputProps('from')} />
                  <TextInput type="date" label={t.toOptional} {...form.getInputProps('to')} />
                  <TextInput label={t.timeZone} {...form.getInputProps('timeZone')} />
                </div>
              </div>
            </Card>
            <Card title={t.machines}>
              {customerId !== '' && form.errors.assetIds && <p className="bad">{form.errors.assetIds}</p>}
              {customerId === '' ? (
                <p className="dim">{t.customerRule}</p>
              ) : assets.data === undefined ? (
                assets.error ? (
                  <Failed error={assets.error} retry={assets.refetch} small />
                ) : (
                  <Lines count={3} />
                )
              ) : assets.nodes.length === 0 ? (
                <p className="dim">{t.noMachines}</p>
              ) : (
                <div style={{ display: 'grid', gap: 10, maxHeight: 360, overflow: 'auto' }}>
                  <Checkbox
                    label={t.allOf}
                    checked={all}
                    indeterminate={assetIds.length > 0 && !all}
                    onChange={() => form.setFieldValue('assetIds', all ? [] : assets.nodes.map((asset) => asset.id))}
                  />
                  {assets.nodes.map((asset) => (
                    <Checkbox
                      key={asset.id}
                      ml="lg"
                      label={`${asset.name} · ${asset.site.name} · ${asset.serialNumber}`}
                      checked={assetIds.includes(asset.id)}
                      onChange={(event) =>
                        form.setFieldValue(
                          'assetIds',
                          event.currentTarget.checked
                            ? [...assetIds, asset.id]
                            : assetIds.filter((id) => id !== asset.id),
                        )
                      }
                    />
                  ))}
                </div>
              )}
            </Card>
            <div className="page-actions">
              <Button type="submit" loading={create.isPending}>
                {t.submit}
              </Button>
              <Button variant="default" onClick={() => void navigate('/finance/contracts')}>
                {text.plans.cancel}
              </Button>
            </div>
          </div>
          <div className="stack">
            {version ? (
              <>
                <ContractCost terms={version.terms} machines={assetIds.length} />
                <TermsView terms={version.terms} />
              </>
            ) : (
              <Card title={t.terms}>
                <p className="dim">{t.planRule}</p>
              </Card>
            )}
          </div>
        </div>
      </form>
    </>
  );
}
