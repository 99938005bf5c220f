import { Modal, Select } from '@mantine/core';
import { type ComponentType, useState } from 'react';
import type { Target } from '../../api/operations/fleet.js';
import { Empty, Loaded } from '../../frame/states.js';
import { useMay } from '../../frame/viewer.js';
import { useText } from '../../i18n/i18n.js';
import { BulkCommand } from './bulk-command.js';
import { BulkGroup } from './bulk-group.js';
import { BulkJob } from './bulk-job.js';
import { BulkPreview } from './bulk-preview.js';
import { BulkQuarantine } from './bulk-quarantine.js';
import { BulkRelease } from './bulk-release.js';
import { BulkSelfTest } from './bulk-self-test.js';
import { type BulkOf, bulkLimit, useTargets } from './bulk-targets.js';

export type BulkAction = 'selfTest' | 'command' | 'release' | 'job' | 'group' | 'quarantine';

export interface BulkProps {
  readonly targets: readonly Target[];
  readonly onClose: () => void;
}

const actions: Record<BulkAction, { readonly needs: string; readonly form: ComponentType<BulkProps> }> = {
  selfTest: { needs: 'commands:write', form: BulkSelfTest },
  command: { needs: 'commands:write', form: BulkCommand },
  release: { needs: 'releases:write', form: BulkRelease },
  job: { needs: 'jobs:write', form: BulkJob },
  group: { needs: 'groups:write', form: BulkGroup },
  quarantine: { needs: 'devices:write', form: BulkQuarantine },
};

/** What the viewer may do with many devices. */
export function useBulkActions(): readonly BulkAction[] {
  const may = useMay();
  return (Object.keys(actions) as BulkAction[]).filter((action) => may(actions[action].needs));
}

interface BulkDialogProps {
  readonly of: BulkOf;
  readonly onClose: () => void;
  /** Begin with this; only this when `fixed`. */
  readonly action?: BulkAction;
  readonly fixed?: boolean;
}

/** Something done with many devices: what, with how many and which, then how it goes. */
export function BulkDialog({ of, onClose, action: first, fixed }: BulkDialogProps) {
  const text = useText();
  const t = text.console.bulk;
  const allowed = useBulkActions();
  const [action, setAction] = useState<BulkAction>(first ?? allowed[0] ?? 'selfTest');
  const read = useTargets(of);
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
            const targets = read.data ?? [];
            if (targets.length === 0) return <Empty small title={t.nobody} hint={t.nobodyHint} />;
            return (
              <>
                <BulkPreview targets={targets} limited={targets.length >= bulkLimit} />
                <Form key={action} targets={targets} onClose={onClose} />
              </>
            );
          }}
        </Loaded>
      </div>
    </Modal>
  );
}
