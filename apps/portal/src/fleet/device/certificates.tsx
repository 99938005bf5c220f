import { Button } from '@mantine/core';
import { useState } from 'react';
import { useWrite } from '../../api/client.js';
import { type DeviceDetail, revokeCertificate, rotateCertificates } from '../../api/operations/fleet.js';
import { Card } from '../../frame/page.js';
import { useMay } from '../../frame/viewer.js';
import { useI18n } from '../../i18n/i18n.js';
import { ConfirmByName } from '../../parts/confirm-by-name.js';
import { useNow } from '../../parts/now.js';
import { Fault } from '../parts/confirm.js';
import { TonePill } from '../parts/tone-pill.js';

type Certificate = DeviceDetail['certificates'][number];

const dayMs = 86_400_000;
/** Certificates that end sooner are said so. */
const endsSoonDays = 60;

function CertificateRow({
  certificate,
  zone,
  onRevoke,
}: {
  certificate: Certificate;
  zone: string;
  onRevoke?: () => void;
}) {
  const { text, formats } = useI18n();
  const t = text.devices;
  const days = Math.floor((Date.parse(certificate.notAfter) - useNow()) / dayMs);
  return (
    <dl className="interval" style={{ margin: '0 0 10px' }}>
      <div style={{ gridColumn: '1 / -1' }}>
        <dt>{t.fingerprint}</dt>
        <dd className="mono" style={{ overflowWrap: 'anywhere' }}>
          {certificate.fingerprint}
        </dd>
      </div>
      <div>
        <dt>{t.serial}</dt>
        <dd className="mono" style={{ overflowWrap: 'anywhere' }}>
          {certificate.serialNumber}
        </dd>
      </div>
      <div>
        <dt>{t.valid}</dt>
        <dd>{t.validTo(formats.date(certificate.notBefore, zone), formats.date(certificate.notAfter, zone))}</dd>
        {days < 0 && <dd className="bad">{text.console.device.ended}</dd>}
        {days >= 0 && days < endsSoonDays && <dd className="warn">{t.endsIn(days)}</dd>}
      </div>
      <div>
        <dt>{t.state}</dt>
        <dd className="actions">
          <TonePill state={certificate.state} label={t.states[certificate.state] ?? certificate.state} />
          {onRevoke && certificate.state === 'active' && (
            <Button size="compact-sm" variant="default" onClick={onRevoke}>
              {text.console.device.revoke}
            </Button>
          )}
        </dd>
      </div>
    </dl>
  );
}

export function Certificates({ device, zone }: { device: DeviceDetail; zone: string }) {
  const { text } = useI18n();
  const t = text.devices;
  const c = text.console.device;
  const may = useMay();
  const [revoking, setRevoking] = useState<Certificate | null>(null);
  const revoke = useWrite(revokeCertificate, ['Device']);
  const rotate = useWrite(rotateCertificates, ['Device', 'DeviceJobs']);
  const active = device.certificates.some(({ state }) => state === 'active');
  return (
    <Card
      title={t.certificates}
      aside={
        may('devices:write') && active ? (
          <Button
            size="compact-sm"
            variant="default"
            loading={rotate.isPending}
            disabled={rotate.isSuccess}
            onClick={() => rotate.mutate({ deviceIds: [device.id] })}
          >
            {rotate.isSuccess ? c.rotating : c.rotate}
          </Button>
        ) : undefined
      }
    >
      <Fault error={rotate.error} />
      {device.certificates.length === 0 && <p className="dim">{t.noCertificates}</p>}
      {device.certificates.map((certificate) => (
        <CertificateRow
          key={certificate.id}
          certificate={certificate}
          zone={zone}
          {...(may('devices:write') ? { onRevoke: () => setRevoking(certificate) } : {})}
        />
      ))}
      {revoking && (
        <ConfirmByName
          opened
          onClose={() => setRevoking(null)}
          title={c.revokeTitle}
          text={c.revokeHint}
          name={device.thingName}
          prompt={c.typeName(device.thingName)}
          action={c.revoke}
          busy={revoke.isPending}
          error={revoke.error}
          onConfirm={() => revoke.mutate({ fingerprint: revoking.fingerprint }, { onSuccess: () => setRevoking(null) })}
        />
      )}
    </Card>
  );
}
