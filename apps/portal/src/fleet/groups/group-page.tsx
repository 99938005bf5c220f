import { Button } from '@mantine/core';
import { useState } from 'react';
import { Link, useNavigate, useParams } from 'react-router';
import { usePages, useWrite } from '../../api/client.js';
import { deleteGroup, type Group, groupQuery, removeFromGroup } from '../../api/operations/groups.js';
import { Card, PageHead } from '../../frame/page.js';
import { Empty, Loaded, NotFound, PageSkeleton } from '../../frame/states.js';
import { useMay } from '../../frame/viewer.js';
import { useText } from '../../i18n/i18n.js';
import { useAddress } from '../../parts/data-table.js';
import { DeviceList } from '../devices/device-list.js';
import { sortOf } from '../devices/devices-page.js';
import { Confirm } from '../parts/confirm.js';
import { GroupForm } from './group-form.js';

const emptyPage: Group['members'] = {
  totalCount: 0,
  moreThanCounted: false,
  pageInfo: { hasNextPage: false, endCursor: null },
  edges: [],
};

export function GroupPage() {
  const { id = '' } = useParams();
  const t = useText().console;
  const may = useMay();
  const navigate = useNavigate();
  const [sort] = useAddress('sort');
  const [open, setOpen] = useState<'change' | 'delete' | null>(null);
  const read = usePages(groupQuery, { id, first: 50, sort: sortOf(sort) }, (r) => r.deviceGroup?.members ?? emptyPage, {
    keep: true,
    every: 15_000,
  });
  const remove = useWrite(deleteGroup, ['DeviceGroups']);
  const take = useWrite(removeFromGroup, ['DeviceGroup']);
  const group = read.data?.pages[0]?.deviceGroup;
  const edits = may('groups:write');
  const close = () => setOpen(null);
  return (
    <Loaded read={read} skeleton={<PageSkeleton />}>
      {() =>
        !group ? (
          <NotFound page />
        ) : (
          <>
            <PageHead
              title={group.name}
              tab={group.name}
              lead={
                <>
                  <Link to="/fleet/groups">{t.groups.title}</Link> ·{' '}
                  {group.kind === 'dynamic' ? t.groups.dynamic : t.groups.static}
                  {group.query && (
                    <>
                      {' · '}
                      <code style={{ overflowWrap: 'anywhere' }}>{group.query}</code>
                    </>
                  )}
                  {group.description && ` · ${group.description}`}
                </>
              }
              actions={
                edits && (
                  <>
                    <Button variant="default" onClick={() => setOpen('change')}>
                      {t.groups.change}
                    </Button>
                    <Button variant="default" onClick={() => setOpen('delete')}>
                      {t.groups.delete}
                    </Button>
                  </>
                )
              }
            />
            <Card title={t.groups.members}>
              <DeviceList
                name={group.name}
                rows={read.nodes}
                total={read.total}
                moreThanCounted={group.members.moreThanCounted}
                read={read}
                all={{ group: group.id }}
                empty={
                  <Empty
                    small
                    title={t.groups.empty}
                    hint={group.kind === 'dynamic' ? t.groups.emptyDynamic : t.groups.emptyStatic}
                  />
                }
                extra={(marked, clear) =>
                  edits &&
                  group.kind === 'static' && (
                    <Button
                      size="compact-sm"
                      variant="default"
                      loading={take.isPending}
                      onClick={() =>
                        take.mutate(
                          { groupId: group.id, things: marked.map(({ thingName }) => thingName) },
                          { onSuccess: clear },
                        )
                      }
                    >
                      {t.groups.remove(marked.length)}
                    </Button>
                  )
                }
              />
            </Card>
            {open === 'change' && <GroupForm group={group} onClose={close} />}
            <Confirm
              opened={open === 'delete'}
              onClose={close}
              title={t.groups.delete}
              action={t.groups.delete}
              busy={remove.isPending}
              error={remove.error}
              onConfirm={() =>
                remove.mutate({ groupId: group.id }, { onSuccess: () => void navigate('/fleet/groups') })
              }
            >
              <p style={{ margin: 0 }}>{t.groups.deleteHint(group.name)}</p>
            </Confirm>
          </>
        )
      }
    </Loaded>
  );
}
