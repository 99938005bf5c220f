import { Alert, Button, FileInput, Group, Modal } from '@mantine/core';
import { IconFileTypeCsv } from '@tabler/icons-react';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { upload } from '../../api/files.js';
import type { ApiError } from '../../api/post.js';
import { useText } from '../../i18n/i18n.js';
import { downloadText } from '../../parts/download.js';
import { ScrollBox } from '../../parts/scroll-box.js';
import { Fault } from '../parts/confirm.js';
import { Meter } from '../parts/meter.js';

interface ImportResult {
  readonly written: boolean;
  readonly devices: number;
  readonly assets: number;
  readonly installations: number;
  readonly faultCount: number;
  readonly faults: readonly { row: number; field: string; value: string; rule: string }[];
}

const example = `thing_name,model,serial_number,asset_name,customer,site,location,loan,tags
`;

/** A file is tried first, all its faults shown, and written only when there are none. */
export function ImportDialog({ opened, onClose }: { opened: boolean; onClose: () => void }) {
  const text = useText();
  const t = text.console.import;
  const client = useQueryClient();
  const [file, setFile] = useState<File | null>(null);
  const [share, setShare] = useState(0);
  const send = useMutation<ImportResult, ApiError, { file: File; dryRun: boolean }>({
    mutationFn: ({ file, dryRun }) =>
      upload<ImportResult>({
        path: `/imports/devices.csv?dryRun=${dryRun}`,
        body: file,
        type: 'text/csv',
        onProgress: setShare,
      }),
    onSuccess: (result) => (result.written ? client.invalidateQueries() : undefined),
  });
  const result = send.data;
  const pick = (next: File | null) => {
    setFile(next);
    setShare(0);
    send.reset();
    if (next) send.mutate({ file: next, dryRun: true });
  };
  const close = () => {
    pick(null);
    onClose();
  };
  return (
    <Modal
      opened={opened}
      onClose={close}
      title={t.title}
      size={720}
      closeButtonProps={{ 'aria-label': text.table.close }}
    >
      <div className="form">
        <p style={{ margin: 0 }}>
          {t.lead}{' '}
          <button type="button" className="link" onClick={() => downloadText('devices.csv', example)}>
            {t.example}
          </button>
        </p>
        <FileInput
          label={t.file}
          accept=".csv,text/csv"
          leftSection={<IconFileTypeCsv size={16} />}
          placeholder={t.pick}
          value={file}
          onChange={pick}
          clearable
          clearButtonProps={{ 'aria-label': text.table.clear }}
        />
        {send.isPending && <Meter share={share} label={t.checking} value={`${Math.round(share * 100)} %`} />}
        <Fault error={send.error} />
        {result && result.faultCount > 0 && (
          <>
            <Alert color="red" variant="light" role="alert">
              {t.faults(result.faultCount)}
            </Alert>
            <ScrollBox label={t.faultList}>
              <table className="data">
                <thead>
                  <tr>
                    <th scope="col" className="end">
                      {t.row}
                    </th>
                    <th scope="col">{t.column}</th>
                    <th scope="col">{t.value}</th>
                    <th scope="col">{t.rule}</th>
                  </tr>
                </thead>
                <tbody>
                  {result.faults.map((fault) => (
                    <tr key={`${fault.row} ${fault.field} ${fault.rule}`}>
                      <td className="end">{fault.row}</td>
                      <td className="mono">{fault.field}</td>
                      <td style={{ overflowWrap: 'anywhere' }}>{fault.value || '–'}</td>
                      <td>{fault.rule}</td>
                    </tr>
                  ))}
                </tbody>
              </table>
            </ScrollBox>
            {result.faultCount > result.faults.length && <p className="dim">{t.faultsShown(result.faults.length)}</p>}
          </>
        )}
        {result && result.faultCount === 0 && (
          <Alert color={result.written ? 'teal' : 'blue'} variant="light" role="status">
            {(result.written ? t.written : t.wouldWrite)(result.devices, result.assets, result.installations)}
          </Alert>
        )}
        <Group justify="flex-end">
          <Button variant="default" onClick={close}>
            {text.table.close}
          </Button>
          {!result?.written && (
            <Button
              disabled={!file || !result || result.faultCount > 0}
              loading={send.isPending}
              onClick={() => file && send.mutate({ file, dryRun: false })}
            >
              {t.write}
            </Button>
          )}
        </Group>
      </div>
    </Modal>
  );
}
