import { ActionIcon, Button, TextInput } from '@mantine/core';
import { IconX } from '@tabler/icons-react';
import { useState } from 'react';
import { Link } from 'react-router';
import { useWrite } from '../../api/client.js';
import { type DeviceDetail, setDeviceTags } from '../../api/operations/fleet.js';
import { Card } from '../../frame/page.js';
import { useMay } from '../../frame/viewer.js';
import { useText } from '../../i18n/i18n.js';
import { Fault } from '../parts/confirm.js';

export const tagKeyRule = /^[a-zA-Z0-9_.:-]{1,128}$/;

export function TagsCard({ device }: { device: DeviceDetail }) {
  const text = useText();
  const t = text.console;
  const may = useMay();
  const [key, setKey] = useState('');
  const [value, setValue] = useState('');
  const write = useWrite(setDeviceTags, ['Device', 'SearchDevices']);
  const wrong = key !== '' && !tagKeyRule.test(key);
  const edits = may('devices:write');
  return (
    <Card title={t.tags}>
      {device.tags.length === 0 && <p className="dim">{t.device.noTags}</p>}
      <div className="tags">
        {device.tags.map((tag) => (
          <span key={tag.key} className="tag">
            {`${tag.key}: ${tag.value}`}
            {edits && (
              <ActionIcon
                size={24}
                variant="subtle"
                aria-label={t.device.removeTag(tag.key)}
                onClick={() => write.mutate({ deviceId: device.id, tags: [{ key: tag.key, value: null }] })}
              >
                <IconX size={14} />
              </ActionIcon>
            )}
          </span>
        ))}
      </div>
      {edits && (
        <form
          className="tag-form"
          onSubmit={(event) => {
            event.preventDefault();
            if (!key || wrong) return;
            write.mutate(
              { deviceId: device.id, tags: [{ key, value }] },
              {
                onSuccess: () => {
                  setKey('');
                  setValue('');
                },
              },
            );
          }}
        >
          <TextInput
            label={t.device.tagKey}
            value={key}
            error={wrong && t.device.tagRule}
            onChange={(event) => setKey(event.currentTarget.value.trim())}
          />
          <TextInput
            label={t.device.tagValue}
            value={value}
            maxLength={256}
            onChange={(event) => setValue(event.currentTarget.value)}
          />
          <Button type="submit" variant="default" disabled={!key || wrong} loading={write.isPending}>
            {t.device.addTag}
          </Button>
        </form>
      )}
      <Fault error={write.error} />
      {device.staticGroups.length > 0 && (
        <p style={{ marginBottom: 0 }}>
          {t.device.inGroups}{' '}
          {device.staticGroups.map((group, place) => (
            <span key={group.id}>
              {place > 0 && ', '}
              <Link to={`/fleet/groups/${group.id}`}>{group.name}</Link>
            </span>
          ))}
        </p>
      )}
    </Card>
  );
}
