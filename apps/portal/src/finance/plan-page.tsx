import { Alert, Button } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { useEffect, useMemo, useState } from 'react';
import { useParams } from 'react-router';
import { useRead, useWrite } from '../api/client.js';
import {
  draftPlanVersionMutation,
  modelsQuery,
  type Plan,
  type PlanVersion,
  planQuery,
  publishPlanVersionMutation,
  saveDraftMutation,
} from '../api/operations/finance.js';
import { Card, PageHead } from '../frame/page.js';
import { Loaded, NotFound, PageSkeleton } from '../frame/states.js';
import { mayWriteTerms, useViewer } from '../frame/viewer.js';
import { browserZone } from '../i18n/formats.js';
import { useI18n } from '../i18n/i18n.js';
import { ConfirmByName } from '../parts/confirm-by-name.js';
import { useAddress } from '../parts/data-table.js';
import { CompareVersions } from './compare-versions.js';
import { keepDraft, keptDraft } from './kept-draft.js';
import { WouldHaveBilled } from './preview.js';
import { check, draftOf, inputOf } from './terms-draft.js';
import { TermsEditor } from './terms-editor.js';
import { TermsView } from './terms-view.js';

const planReads = ['Plan', 'Plans'];

function Version({
  plan,
  version,
  onVersion,
}: {
  plan: Plan;
  version: PlanVersion;
  onVersion: (version: number) => void;
}) {
  const { text, formats } = useI18n();
  const t = text.plans;
  const viewer = useViewer();
  const editable = version.state === 'draft' && mayWriteTerms(viewer);
  const models = useRead(modelsQuery, {}, { enabled: editable });
  const [draft, setDraft] = useState(() => (editable && keptDraft(version.id)) || draftOf(version.terms));
  const faults = useMemo(() => (editable ? check(draft, text.terms.rule) : {}), [draft, editable, text]);
  const wrong = Object.keys(faults).length;
  const input = useMemo(() => (wrong ? null : inputOf(draft)), [draft, wrong]);
  const saved = useMemo(() => JSON.stringify(inputOf(draftOf(version.terms))), [version.terms]);
  const changed = editable && JSON.stringify(inputOf(draft)) !== saved;
  useEffect(() => {
    if (editable) keepDraft(version.id, changed ? draft : null);
  }, [editable, version.id, changed, draft]);
  const save = useWrite(saveDraftMutation, planReads);
  const publish = useWrite(publishPlanVersionMutation, planReads);
  const next = useWrite(draftPlanVersionMutation, planReads);
  const [confirming, confirm] = useDisclosure(false);
  const [comparing, compare] = useDisclosure(false);
  const before = useMemo(
    () => plan.versions.filter((each) => each.version < version.version).sort((a, b) => b.version - a.version)[0],
    [plan, version],
  );
  const beforeInput = useMemo(
    () => (before ? { terms: inputOf(draftOf(before.terms)), version: before.version } : null),
    [before],
  );
  const hasDraft = plan.versions.some((each) => each.state === 'draft');
  const meters = useMemo(() => {
    const byName = new Map(
      (models.data?.models ?? []).flatMap((model) => model.meters).map((meter) => [meter.name, meter]),
    );
    return [...byName.values()];
  }, [models.data]);

  const store = async () => {
    if (input) await save.mutateAsync({ planVersionId: version.id, terms: input });
  };
  const publishNow = async () => {
    if (changed) await store();
    await publish.mutateAsync({ planVersionId: version.id });
    confirm.close();
  };
  const startNext = async () => {
    const { draftPlanVersion } = await next.mutateAsync({ planId: plan.id });
    onVersion(draftPlanVersion.version);
  };
  const told = () => undefined; // The failure is shown from the mutation's state.
  const status =
    version.state === 'draft'
      ? t.draftOf(version.version)
      : version.state === 'retired'
        ? t.retiredVersion(version.version)
        : t.publishedVersion(version.version);
  const failure = save.error ?? next.error;
  const used = plan.versions.filter((each) => each.contractCount > 0).sort((a, b) => b.version - a.version)[0];

  return (
    <>
      <PageHead
        tab={plan.name}
        title={
          <>
            {plan.name}
            <span className="pill big">{status}</span>
            {editable && (
              <span className="dim" style={{ fontSize: 13, fontWeight: 400, letterSpacing: 0 }}>
                {changed ? t.unsaved : t.saved}
              </span>
            )}
          </>
        }
        lead={[
          t.cadence[version.terms.cadence] ?? version.terms.cadence,
          version.terms.currency,
          used && t.contractsOn(used.contractCount, used.version),
        ]
          .filter(Boolean)
          .join(' · ')}
        actions={
          <>
            {before && (
              <Button variant="default" onClick={compare.open}>
                {t.compare(before.version)}
              </Button>
            )}
            {editable && (
              <>
                <Button
                  variant="default"
                  disabled={!changed || wrong > 0}
                  loading={save.isPending}
                  onClick={() => void store().catch(told)}
                >
                  {t.save}
                </Button>
                <Button disabled={wrong > 0} onClick={confirm.open}>
                  {t.publish}
                </Button>
              </>
            )}
            {!hasDraft && mayWriteTerms(viewer) && (
              <Button loading={next.isPending} onClick={() => void startNext().catch(told)}>
                {t.newDraft}
              </Button>
            )}
          </>
        }
      />
      {failure && (
        <Alert color="red" variant="light" role="alert" mb="md">
          {failure.message}
          {failure.faults.map((fault) => (
            <div key={fault.field}>{`${fault.field}: ${fault.rule}`}</div>
          ))}
        </Alert>
      )}
      {wrong > 0 && (
        <Alert color="yellow" variant="light" role="status" mb="md">
          {t.invalid(wrong)}
        </Alert>
      )}
      <div className="grid cols-2" style={{ alignItems: 'start' }}>
        <div className="stack">
          {editable ? (
            <TermsEditor draft={draft} faults={faults} meters={meters} onChange={setDraft} />
          ) : (
            <TermsView terms={version.terms} />
          )}
        </div>
        <div className="stack sticky-side">
          <WouldHaveBilled terms={input} before={beforeInput} planId={plan.id} editable={editable} />
          <Card title={t.versions}>
            <ul className="column">
              {[...plan.versions]
                .sort((a, b) => b.version - a.version)
                .map((each) => (
                  <li key={each.id}>
                    <span>
                      {each.id === version.id ? (
                        <span className="strong">{t.version(each.version)}</span>
                      ) : (
                        <button
                          type="button"
                          className="row-button"
                          style={{ color: 'var(--brand)' }}
                          onClick={() => onVersion(each.version)}
                        >
                          {t.version(each.version)}
                        </button>
                      )}{' '}
                      <span className="dim">
                        {each.publishedAt
                          ? `${t.published.toLowerCase()} ${formats.date(each.publishedAt, browserZone)}`
                          : t.draft.toLowerCase()}
                      </span>
                    </span>
                    <span className="num dim">
                      {each.contractCount > 0 && text.plans.contractsOn(each.contractCount, each.version)}
                    </span>
                  </li>
                ))}
            </ul>
          </Card>
        </div>
      </div>
      {confirming && (
        <ConfirmByName
          opened
          onClose={confirm.close}
          title={t.publishTitle(plan.name, version.version)}
          text={t.publishText}
          name={plan.name}
          prompt={t.typeName(plan.name)}
          action={t.publish}
          busy={save.isPending || publish.isPending}
          error={save.error ?? publish.error}
          onConfirm={() => void publishNow().catch(told)}
        />
      )}
      {comparing && before && <CompareVersions a={before} b={version} onClose={compare.close} />}
    </>
  );
}

export function PlanPage() {
  const { id = '' } = useParams();
  const [wanted, setVersion] = useAddress('version');
  const read = useRead(planQuery, { id });
  const plan = read.data?.plan;
  const newest = plan && [...plan.versions].sort((a, b) => b.version - a.version);
  const version = newest?.find((each) => String(each.version) === wanted) ?? newest?.[0];
  return (
    <Loaded read={read} skeleton={<PageSkeleton />}>
      {() =>
        plan && version ? (
          <Version
            key={`${version.id}:${version.state}`}
            plan={plan}
            version={version}
            onVersion={(next) => setVersion(String(next))}
          />
        ) : (
          <NotFound page />
        )
      }
    </Loaded>
  );
}
