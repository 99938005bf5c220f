import { Button, Select, TextInput } from '@mantine/core';
import { useEffect, useState } from 'react';
import { useRead } from '../../api/client.js';
import { modelsQuery } from '../../api/operations/finance.js';
import { useText } from '../../i18n/i18n.js';
import { type FilterInAddress, filterKeys, reasons, states } from './quarantine-filter.js';

const none = Object.fromEntries(filterKeys.filter((key) => key !== 'state').map((key) => [key, '']));

/** By device, model, reason, time and what became of it. */
export function FilterBar({ by }: { by: FilterInAddress }) {
  const text = useText();
  const t = text.quarantine;
  const { values, set } = by;
  const [typed, setTyped] = useState(values.thing);
  useEffect(() => setTyped(values.thing), [values.thing]);
  const models = useRead(modelsQuery, {});
  const named = { clearButtonProps: { 'aria-label': text.table.clear } };
  return (
    <form
      className="filters no-print"
      onSubmit={(event) => {
        event.preventDefault();
        set({ thing: typed.trim() });
      }}
    >
      <TextInput
        label={t.thing}
        placeholder={t.filter}
        value={typed}
        onChange={(event) => setTyped(event.currentTarget.value)}
        onBlur={() => typed.trim() !== values.thing && set({ thing: typed.trim() })}
      />
      <Select
        label={t.model}
        placeholder={t.anyModel}
        clearable
        {...named}
        value={values.model || null}
        onChange={(model) => set({ model: model ?? '' })}
        data={(models.data?.models ?? []).map(({ id, title }) => ({ value: id, label: title }))}
      />
      <Select
        label={t.reason}
        placeholder={t.anyReason}
        clearable
        {...named}
        value={values.reason || null}
        onChange={(reason) => set({ reason: reason ?? '', rule: '' })}
        data={reasons.map((reason) => ({ value: reason, label: reason.replaceAll('_', ' ') }))}
      />
      <Select
        label={t.state}
        allowDeselect={false}
        value={by.state}
        onChange={(state) => set({ state: state === 'set_aside' ? '' : (state ?? '') })}
        data={states.map((state) => ({ value: state, label: t.states[state] ?? state }))}
      />
      <TextInput
        type="datetime-local"
        label={t.from}
        value={values.from}
        onChange={(event) => set({ from: event.currentTarget.value })}
      />
      <TextInput
        type="datetime-local"
        label={t.to}
        value={values.to}
        onChange={(event) => set({ to: event.currentTarget.value })}
      />
      {values.rule && (
        <p className="filter-rule">
          <span className="dim">{t.fault}:</span> {values.rule}
        </p>
      )}
      {by.narrows && (
        <Button variant="default" onClick={() => set(none)}>
          {t.clear}
        </Button>
      )}
    </form>
  );
}
