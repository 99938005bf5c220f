import { Modal, Select } from '@mantine/core';
import { type ComponentType, useState } from 'react';
import { useRead } from '../../api/client.js';
import { type DeviceTarget, type TargetPreview, targetPreviewQuery } from '../../api/operations/fleet.js';
import { Empty, Loaded } from '../../frame/states.js';
import { useMay } from '../../frame/viewer.js';
import { useText } from '../../i18n/i18n.js';
import { BulkCommand } from './bulk-command.js';
import { BulkGroup } from './bulk-group.js';
import { BulkJob } from './bulk-job.js';
import { BulkPreview } from './bulk-preview.js';
import { BulkQuarantine, BulkUnquarantine } from './bulk-quarantine.js';
import { BulkRelease } from './bulk-release.js';
import { BulkSelfTest } from './bulk-self-test.js';
import { BulkTags } from './bulk-tags.js';

export type BulkAction = 'selfTest' | 'command' | 'release' | 'job' | 'group' | 'tags' | 'quarantine' | 'unquarantine';

export interface BulkProps {
  readonly target: DeviceTarget;
  /** Whom the target means now. */
  readonly preview: TargetPreview;
  readonly onClose: () => void;
}

const actions: Record<BulkAction, { readonly needs: string; readonly form: ComponentType<BulkProps> }> = {
  selfTest: { needs: 'commands:write', form: BulkSelfTest },
  command: { needs: 'commands:write', form: BulkCommand },
  release: { needs: 'releases:write', form: BulkRelease },
  job: { needs: 'jobs:write', form: BulkJob },
  group: { needs: 'groups:write', form: BulkGroup },
  tags: { needs: 'devices:write', form: BulkTags },
  quarantine: { needs: 'devices:write', form: BulkQuarantine },
  unquarantine: { needs: 'devices:write', form: BulkUnquarantine },
};

/** What the viewer may do with many devices. */
export function useBulkActions(): readonly BulkAction[] {
  const may = useMay();
  return (Object.keys(actions) as BulkAction[]).filter((action) => may(actions[action].needs));
}

interface BulkDialogProps {
  readonly target: DeviceTarget;
  readonly onClose: () => void;
  /** Begin with this; only this when `fixed`. */
  readonly action?: BulkAction;
  readonly fixed?: boolean;
}

/** Something done with many devices: what, with how many and which, then how it goes. */
export function BulkDialog({ target, onClose, action: first, fixed }: BulkDialogProps) {
  const text = useText();
  const t = text.console.bulk;
  const allowed = useBulkActions();
  const [action, setAction] = useState<BulkAction>(first ?? allowed[0] ?? 'selfTest');
  const read = useRead(targetPreviewQuery, { target });
  const Form = actions[action].form;
  return (
    <Modal
      opened
      onClose={onClose}
      size={680}
      title={fixed ? t.actions[action] : t.title}
      closeButtonProps={{ 'aria-label': text.table.close }}
    >
      <div className="form">
        {!fixed && (
          <Select
            label={t.what}
            value={action}
            allowDeselect={false}
            data={allowed.map((each) => ({ value: each, label: t.actions[each] }))}
            onChange={(next) => next && setAction(next as BulkAction)}
          />
        )}
        <Loaded read={read} small>
          {() => {
            const preview = read.data?.targetPreview;
            if (!preview || preview.total === 0) return <Empty small title={t.nobody} hint={t.nobodyHint} />;
            return (
              <>
                <BulkPreview preview={preview} />
                <Form key={action} target={target} preview={preview} onClose={onClose} />
              </>
            );
          }}
        </Loaded>
      </div>
    </Modal>
  );
}
