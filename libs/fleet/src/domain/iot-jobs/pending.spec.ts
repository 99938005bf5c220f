import fc from 'fast-check';
import type { ExecutionStatus } from './execution.js';
import { inOrderOfWork, newsOf } from './pending.js';

interface Entry {
  readonly id: string;
  readonly status: ExecutionStatus;
  readonly queuedAt: Date;
}
const entry = (id: string, status: ExecutionStatus = 'QUEUED', second = Number(id)): Entry => ({
  id,
  status,
  queuedAt: new Date(second * 1000),
});
const running = (id: string): Entry => entry(id, 'IN_PROGRESS');
const news = (before: Entry[], after: Entry[]) => {
  const { notify, notifyNext } = newsOf(inOrderOfWork(before), inOrderOfWork(after));
  return [notify, notifyNext];
};

describe('the order of work', () => {
  it('is what is in progress, then what is queued, each by the time it was queued', () => {
    expect(inOrderOfWork([entry('1'), running('3'), entry('0'), running('2')]).map(({ id }) => id)).toEqual([
      '2',
      '3',
      '0',
      '1',
    ]);
    expect(inOrderOfWork([entry('b', 'QUEUED', 1), entry('a', 'QUEUED', 1)]).map(({ id }) => id)).toEqual(['a', 'b']);
  });
});

describe('what is told of a change', () => {
  it.each<[string, Entry[], Entry[], boolean, boolean]>([
    ['job 1 is queued, the list was empty', [], [entry('1')], true, true],
    ['job 2 is queued behind it', [entry('1')], [entry('1'), entry('2')], true, false],
    ['job 1 is begun', [entry('1'), entry('2')], [running('1'), entry('2')], false, false],
    ['job 1 makes progress', [running('1')], [running('1')], false, false],
    ['job 1 ends', [running('1'), entry('2')], [entry('2')], true, true],
    ['job 3, not the first, is begun', [entry('2'), entry('3')], [entry('2'), running('3')], false, true],
    ['one that is not first leaves', [entry('1'), entry('2')], [entry('1')], true, false],
    ['the last one leaves', [running('1')], [], true, true],
    ['a retry takes the place of the only one', [running('1')], [entry('9')], true, true],
    ['a retry is queued behind others', [running('1'), entry('2')], [entry('2'), entry('9')], true, true],
    ['nothing happens', [], [], false, false],
  ])('when %s', (_, before, after, notify, notifyNext) => {
    expect(news(before, after)).toEqual([notify, notifyNext]);
  });

  it('lets a listener that follows know the members and the first at all times', () => {
    const list = fc.uniqueArray(fc.record({ id: fc.constantFrom('1', '2', '3', '4', '5'), running: fc.boolean() }), {
      selector: ({ id }) => id,
    });
    fc.assert(
      fc.property(fc.array(list), (states) => {
        let heard: { members: string[]; first: string | undefined } = { members: [], first: undefined };
        let before: Entry[] = [];
        for (const state of states) {
          const after = inOrderOfWork(state.map((one) => (one.running ? running(one.id) : entry(one.id))));
          const { notify, notifyNext } = newsOf(before, after);
          if (notify) heard = { ...heard, members: after.map(({ id }) => id).sort() };
          if (notifyNext) heard = { ...heard, first: after[0]?.id };
          expect(heard).toEqual({ members: after.map(({ id }) => id).sort(), first: after[0]?.id });
          before = after;
        }
      }),
    );
  });
});
