import { Alert, Button, Modal, Select, Skeleton, Text } from '@mantine/core';
import { useMemo, useState } from 'react';
import { Link } from 'react-router';
import { useRead, useWrite } from '../api/client.js';
import { type ContractDetail, closePeriodMutation, previewTermsQuery } from '../api/operations/finance.js';
import { useI18n } from '../i18n/i18n.js';
import { localDay, monthKey, monthOf, monthSpan, parseMonth } from '../i18n/zoned.js';
import { ConfirmByName } from '../parts/confirm-by-name.js';
import { draftOf, inputOf } from './terms-draft.js';

const monthsOffered = 24;

/** Months of the contract that are over, newest first. */
function overMonths(contract: ContractDetail): string[] {
  const zone = contract.timeZone;
  const today = localDay(Date.now(), zone);
  const first = monthOf(Date.parse(contract.from), zone);
  const last = contract.to ? monthOf(Date.parse(contract.to) - 1, zone) : '9999-12';
  return Array.from({ length: monthsOffered }, (_, i) => monthKey(today.year, today.month - 1 - i)).filter(
    (month) => month >= first && month <= last,
  );
}

export function CloseMonth({ contract, onClose }: { contract: ContractDetail; onClose: () => void }) {
  const { text, formats } = useI18n();
  const t = text.contracts;
  const zone = contract.timeZone;
  const months = overMonths(contract);
  const booked = new Set(contract.statements.map((statement) => monthOf(Date.parse(statement.periodFrom), zone)));
  const [month, setMonth] = useState(months.find((each) => !booked.has(each)) ?? months[0] ?? '');
  const terms = useMemo(() => inputOf(draftOf(contract.terms)), [contract.terms]);
  const preview = useRead(previewTermsQuery, { terms, contractId: contract.id, month }, { enabled: month !== '' });
  const close = useWrite(closePeriodMutation, ['Contract', 'Contracts', 'Statements', 'ContractAccrued']);
  const nameOf = (key: string) => {
    const { year, month: number } = parseMonth(key);
    return formats.monthYear(Date.UTC(year, number - 1, 15), 'UTC');
  };
  const result = close.data?.closePeriod;
  if (result)
    return (
      <Modal
        opened
        onClose={onClose}
        title={t.closeTitle(nameOf(month))}
        closeButtonProps={{ 'aria-label': text.table.close }}
      >
        <Alert color={result.changed ? 'teal' : 'gray'} variant="light" mb="md" role="status">
          {result.changed ? t.closed : t.unchanged} {formats.money(result.statement.total)}
        </Alert>
        <Link to={`/finance/statements/${result.statement.id}`}>{t.closeOpen}</Link>
      </Modal>
    );
  if (months.length === 0)
    return (
      <Modal opened onClose={onClose} title={t.close} closeButtonProps={{ 'aria-label': text.table.close }}>
        <p>{t.noMonths}</p>
        <Button variant="default" onClick={onClose}>
          {text.plans.cancel}
        </Button>
      </Modal>
    );
  return (
    <ConfirmByName
      opened
      onClose={onClose}
      title={t.closeTitle(nameOf(month))}
      text={close.isPending ? t.closing : t.closeText}
      name={contract.number}
      prompt={t.typeNumber(contract.number)}
      action={t.closeConfirm}
      busy={close.isPending}
      error={close.error}
      onConfirm={() => close.mutate({ contractId: contract.id, month })}
    >
      <Select
        label={t.closeMonth}
        value={month}
        onChange={(value) => value && setMonth(value)}
        data={months.map((value) => ({
          value,
          label: `${formats.monthYear(monthSpan(value, zone).from, zone)}${booked.has(value) ? ` (${t.booked})` : ''}`,
        }))}
      />
      {preview.error ? (
        <Text size="sm" c="dimmed">
          {t.closeUnknown}
        </Text>
      ) : (
        <Text size="sm" data-figure="close-total">
          {preview.data ? t.closeTotal(formats.money(preview.data.previewTerms.total)) : <Skeleton height={18} />}
        </Text>
      )}
    </ConfirmByName>
  );
}
