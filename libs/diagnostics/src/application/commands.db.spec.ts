import { EndInstallation, InstallDevice } from '@throughline/fleet';
import { newId } from '@throughline/kernel';
import { everyCustomer, onlyCustomers } from '@throughline/platform';
import { selfTest, setInterval, type Workshop, workshop } from '../../test/fixture.js';
import type { Answer } from '../domain/answer.js';
import { CancelCommand } from './cancel-command.js';
import { Commands } from './commands.js';
import { DeliverCommands } from './deliver-commands.js';
import { DiagnosticRuns } from './diagnostic-runs.js';
import { EndOverdue } from './end-overdue.js';
import { Executions } from './executions.js';
import { RecordAnswer } from './record-answer.js';
import { RegisterCommand } from './register-command.js';
import { SendCommand, type SendCommandInput } from './send-command.js';
import { StartDiagnosticRuns } from './start-diagnostic-runs.js';

let w: Workshop;
beforeAll(async () => {
  w = await workshop();
});
afterAll(() => w.close());

const by = { requestedBy: 'Tess of Service' };
const send = (deviceId: string, key: string, more: Partial<SendCommandInput> = {}) =>
  w.get(SendCommand).run(everyCustomer, { deviceId, command: 'run-self-test', arguments: {}, key, ...by, ...more });
const one = async (id: string) => {
  const [execution] = await w.get(Executions).many(everyCustomer, [id]);
  if (!execution) throw new Error(`no execution ${id}`);
  return execution;
};
const says = (deviceId: string, executionId: string, answer: Partial<Answer> & Pick<Answer, 'status'>) =>
  w.get(RecordAnswer).run({
    deviceId,
    executionId,
    answer: { reasonCode: null, reasonDescription: null, result: null, ...answer },
    at: w.clock.now(),
  });
const listens = (id: string, thingName: string) => w.get(DeliverCommands).toListener({ id, thingName });
const jobs = () =>
  w.rows<{ payload: unknown }>(`select payload from outbox where name = 'diagnostics.deliver-commands' order by id`);

describe('the catalogue', () => {
  it('keeps versions: the same again is the same, other content the next one', async () => {
    const register = w.get(RegisterCommand);
    const first = await register.run(w.model.id, { ...selfTest, name: 'blink' });
    expect(await register.run(w.model.id, { ...selfTest, name: 'blink' })).toEqual(first);
    const second = await register.run(w.model.id, { ...selfTest, name: 'blink', title: 'Blink twice' });
    expect([first.version, second.version]).toEqual([1, 2]);
    expect((await w.get(Commands).ofModels([w.model.id])).map(({ name, version }) => [name, version])).toEqual([
      ['blink', 2],
      ['run-self-test', 1],
      ['set-report-interval', 1],
    ]);
    expect((await w.get(Commands).many([first.id]))[0]).toEqual(first);
    await expect(w.rows(`update command_definition set title = 'x' where id = ?`, [first.id])).rejects.toThrow(
      'immutable',
    );
  });

  it('makes one of two registrations that come at once', async () => {
    const input = { ...selfTest, name: 'twice' };
    const both = await Promise.all([1, 2].map(() => w.get(RegisterCommand).run(w.model.id, input)));
    expect(new Set(both.map(({ id }) => id)).size).toBe(1);
  });

  it('takes no model that is none, and no schema that is none', async () => {
    await expect(w.get(RegisterCommand).run(newId(), selfTest)).rejects.toMatchObject({ code: 'NOT_FOUND' });
    const bad = { ...selfTest, argumentsSchema: { type: 'objekt' }, timeoutSeconds: 0 };
    await expect(w.get(RegisterCommand).run(w.model.id, bad)).rejects.toMatchObject({
      code: 'INVALID_INPUT',
      faults: [
        { field: 'timeoutSeconds', value: 0 },
        { field: 'argumentsSchema.type', value: 'objekt' },
      ],
    });
  });
});

describe('a command', () => {
  it('goes to a connected device at once, in the transaction that writes it', async () => {
    const { deviceId, assetId } = await w.installed('here');
    await w.connect('here');
    const execution = await send(deviceId, 'k1', { command: 'set-report-interval', arguments: { seconds: 30 } });
    expect(execution).toMatchObject({ state: 'sent', deliveries: 1, assetId, customerId: w.acme.id, ...by });
    expect(execution.deadlineAt).toEqual(new Date(w.clock.now().getTime() + 60_000));
    expect(await w.downlink()).toEqual([
      {
        topic: `$aws/commands/things/here/executions/${execution.id}/request/json`,
        payload: { command: 'set-report-interval', arguments: { seconds: 30 } },
      },
    ]);
  });

  it('has each fault of its arguments named, and leaves nothing behind', async () => {
    const { deviceId } = await w.installed('faults');
    const wrong = send(deviceId, 'k', { command: 'set-report-interval', arguments: { seconds: 0, colour: 'red' } });
    await expect(wrong).rejects.toMatchObject({
      code: 'INVALID_INPUT',
      faults: [
        { field: 'arguments.colour', rule: 'is not a property of it' },
        { field: 'arguments.seconds', value: 0, rule: 'must be >= 1' },
      ],
    });
    await expect(send(deviceId, 'k', { command: 'set-report-interval' })).rejects.toMatchObject({
      faults: [{ field: 'arguments.seconds', rule: 'is required' }],
    });
    await expect(send(deviceId, 'a b', { arguments: [], timeoutSeconds: 50_000 })).rejects.toMatchObject({
      faults: [{ field: 'key' }, { field: 'arguments' }, { field: 'timeoutSeconds' }],
    });
    await expect(send(deviceId, 'k', { arguments: { x: '\0' } })).rejects.toMatchObject({ code: 'INVALID_INPUT' });
    await expect(send(deviceId, 'k', { arguments: { x: 'a'.repeat(9_000) } })).rejects.toThrow('at most 8192 bytes');
    await expect(send(deviceId, 'k', { command: 'explode' })).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await expect(send(deviceId, 'k', { version: 9 })).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await expect(send(newId(), 'k')).rejects.toMatchObject({ code: 'NOT_FOUND' });
    expect(await w.rows('select 1 from command_execution where device_id = ?', [deviceId])).toEqual([]);
  });

  it('is one for one key, however often and at once it is asked for; another under the key is refused', async () => {
    const { deviceId } = await w.installed('key');
    await w.connect('key');
    const all = await Promise.all(Array.from({ length: 8 }, () => send(deviceId, 'same')));
    expect(new Set(all.map(({ id }) => id)).size).toBe(1);
    expect(await w.downlink()).toHaveLength(1);
    const other = send(deviceId, 'same', { command: 'set-report-interval', arguments: { seconds: 1 } });
    await expect(other).rejects.toMatchObject({ code: 'CONFLICT' });
  });

  it('leaves nothing when its transaction does not commit', async () => {
    const { deviceId } = await w.installed('rollback');
    await w.connect('rollback');
    const failing = w.database.transaction(everyCustomer, async () => {
      await send(deviceId, 'lost');
      throw new Error('crash');
    });
    await expect(failing).rejects.toThrow('crash');
    expect(await w.rows('select 1 from command_execution where device_id = ?', [deviceId])).toEqual([]);
    expect(await w.downlink()).toEqual([]);
  });

  it('waits for a device that is away, and is sent when it begins to listen, and again while it is not answered', async () => {
    const { deviceId } = await w.installed('away');
    const first = await send(deviceId, 'a');
    w.clock.advance(1);
    const second = await send(deviceId, 'b');
    expect(first).toMatchObject({ state: 'queued', deliveries: 0, sentAt: null });
    expect(await w.downlink()).toEqual([]);
    expect((await jobs()).at(-1)?.payload).toEqual({ deviceIds: [deviceId] });
    w.clock.advance(1_800_000);
    const topics = (await listens(deviceId, 'away')).map(({ topic }) => topic.split('/')[5]);
    expect(topics).toEqual([first.id, second.id]);
    const sentAt = w.clock.now();
    expect(await one(first.id)).toMatchObject({ state: 'sent', deliveries: 1, sentAt });
    await says(deviceId, second.id, { status: 'IN_PROGRESS' });
    w.clock.advance(1_000);
    expect(await listens(deviceId, 'away')).toHaveLength(1);
    expect(await one(first.id)).toMatchObject({
      deliveries: 2,
      sentAt,
      deadlineAt: new Date(sentAt.getTime() + 60_000),
    });
    expect(await listens(deviceId, 'away')).toHaveLength(1);
    expect(await listens(deviceId, 'away')).toEqual([]);
  });

  it('is found by the job when the device connected while it was written, and by the sweep when that failed too', async () => {
    const { deviceId } = await w.installed('race');
    const { id } = await send(deviceId, 'race');
    await w.connect('race');
    await w.get(DeliverCommands).run([deviceId]);
    expect(await w.downlink()).toHaveLength(1);
    await w.get(DeliverCommands).run([deviceId]);
    expect(await w.downlink()).toEqual([]);
    expect(await one(id)).toMatchObject({ state: 'sent', deliveries: 1 });

    const lost = await w.installed('swept');
    await send(lost.deviceId, 'k');
    await w.connect('swept');
    await w.get(DeliverCommands).runWaiting(new AbortController().signal);
    expect(await w.downlink()).toEqual([]);
    w.clock.advance(6_000);
    await w.get(DeliverCommands).runWaiting(new AbortController().signal);
    expect((await w.downlink()).map(({ topic }) => topic.split('/')[3])).toEqual(['swept']);
  });

  it('expires when the device does not come in time, and is not sent after', async () => {
    const { deviceId, assetId } = await w.installed('late');
    const { id } = await send(deviceId, 'k', { expirySeconds: 60 });
    w.clock.advance(59_999);
    await w.get(EndOverdue).run();
    expect((await one(id)).state).toBe('queued');
    w.clock.advance(1);
    expect(await listens(deviceId, 'late')).toEqual([]);
    await w.get(EndOverdue).run();
    expect(await one(id)).toMatchObject({ state: 'expired', endedAt: w.clock.now(), sentAt: null });
    const told = (await w.events('diagnostics.command-ended')).filter(({ executionId }) => executionId === id);
    expect(told).toEqual([{ executionId: id, deviceId, assetId, command: 'run-self-test', state: 'expired' }]);
  });

  it('can be canceled while it waits, and not after', async () => {
    const { deviceId } = await w.installed('cancel');
    const { id } = await send(deviceId, 'k');
    const cancel = () => w.get(CancelCommand).run(everyCustomer, id, 'Tess');
    expect(await cancel()).toMatchObject({ state: 'canceled', reasonDescription: 'canceled by Tess' });
    expect(await cancel()).toMatchObject({ state: 'canceled' });
    expect(await listens(deviceId, 'cancel')).toEqual([]);
    await w.connect('cancel');
    const sent = await send(deviceId, 'k2');
    await expect(w.get(CancelCommand).run(everyCustomer, sent.id, 'Tess')).rejects.toMatchObject({
      code: 'STATE_CONFLICT',
    });
    await expect(w.get(CancelCommand).run(everyCustomer, newId(), 'Tess')).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });

  it('is not carried out on another machine than the one it was meant for', async () => {
    const { deviceId } = await w.installed('moved');
    const { id } = await send(deviceId, 'k');
    w.clock.advance(1_000);
    await w.get(EndInstallation).run(everyCustomer, { deviceId, at: w.clock.now() });
    const asset = await w.asset('S-next', w.other);
    await w.get(InstallDevice).run(everyCustomer, { deviceId, assetId: asset.id, at: w.clock.now() });
    expect(await listens(deviceId, 'moved')).toEqual([]);
    expect(await one(id)).toMatchObject({ state: 'canceled', customerId: w.acme.id });
  });

  it('is refused for a retired device', async () => {
    const device = await w.device('retired');
    await w.rows(`update device set state = 'retired' where id = ?`, [device.id]);
    await expect(send(device.id, 'k')).rejects.toMatchObject({ code: 'STATE_CONFLICT' });
  });
});

describe('an answer', () => {
  const started = async (thing: string) => {
    const { deviceId, assetId } = await w.installed(thing);
    await w.connect(thing);
    const { id } = await send(deviceId, 'k');
    return { deviceId, assetId, id };
  };

  it('with progress and then a result is kept with its log', async () => {
    const { deviceId, id } = await started('answers');
    w.clock.advance(1_000);
    await says(deviceId, id, { status: 'IN_PROGRESS', result: { percent: '25', step: 'motor', log: 'a\nb' } });
    expect(await one(id)).toMatchObject({
      state: 'in_progress',
      progressPercent: 25,
      progressStep: 'motor',
      log: 'a\nb',
      result: null,
      startedAt: w.clock.now(),
    });
    w.clock.advance(1_000);
    await says(deviceId, id, { status: 'SUCCEEDED', result: { outcome: 'pass', log: 'a\nb\nc' } });
    expect(await one(id)).toMatchObject({
      state: 'succeeded',
      endedAt: w.clock.now(),
      log: 'a\nb\nc',
      result: { outcome: 'pass' },
      resultFaults: null,
      late: false,
    });
  });

  it('whose result does not fit is stored and flagged', async () => {
    const { deviceId, id } = await started('misfit');
    await says(deviceId, id, { status: 'SUCCEEDED', result: { outcome: 'perhaps', extra: true } });
    expect(await one(id)).toMatchObject({
      state: 'succeeded',
      result: { outcome: 'perhaps', extra: true },
      resultFaults: [
        { field: 'result.extra', rule: 'is not a property of it' },
        { field: 'result.outcome', rule: 'must be one of ["pass","fail"]' },
      ],
    });
    const none = await started('misfit-none');
    await says(none.deviceId, none.id, { status: 'SUCCEEDED' });
    expect((await one(none.id)).resultFaults).toEqual([{ field: 'result.outcome', rule: 'is required' }]);
  });

  it('after our time-out still counts, and is the last word', async () => {
    const { deviceId, id } = await started('timeout');
    w.clock.advance(60_000);
    expect(await w.get(EndOverdue).run()).toBeGreaterThan(0);
    expect(await one(id)).toMatchObject({ state: 'timed_out', reasonCode: '$NO_RESPONSE_FROM_DEVICE' });
    expect(await says(deviceId, id, { status: 'IN_PROGRESS' })).toMatchObject({ code: 'InvalidStateTransition' });
    w.clock.advance(60_000);
    expect(await says(deviceId, id, { status: 'SUCCEEDED', result: { outcome: 'pass' } })).toBeUndefined();
    expect(await one(id)).toMatchObject({ state: 'succeeded', late: true, endedAt: w.clock.now(), reasonCode: null });
    await w.get(EndOverdue).run();
    expect((await one(id)).state).toBe('succeeded');
    expect(await says(deviceId, id, { status: 'FAILED' })).toMatchObject({ code: 'InvalidStateTransition' });
  });

  it('given again is confirmed again and changes nothing', async () => {
    const { deviceId, id } = await started('again');
    const answer = { status: 'SUCCEEDED', result: { outcome: 'fail' } } as const;
    await says(deviceId, id, answer);
    const before = await one(id);
    w.clock.advance(5_000);
    expect(await says(deviceId, id, answer)).toBeUndefined();
    expect(await one(id)).toEqual(before);
    expect(await says(deviceId, id, { status: 'SUCCEEDED', result: { outcome: 'pass' } })).toMatchObject({
      code: 'InvalidStateTransition',
    });
  });

  it('of another device, or of no execution, is not found', async () => {
    const { id } = await started('mine');
    const { deviceId } = await w.installed('thief');
    for (const execution of [id, newId(), 'x'])
      expect(await says(deviceId, execution, { status: 'SUCCEEDED' })).toMatchObject({ code: 'ResourceNotFound' });
    expect((await one(id)).state).toBe('sent');
  });

  it('that is not committed has not been', async () => {
    const { deviceId, id } = await started('crash');
    const failing = w.database.transaction(everyCustomer, async () => {
      await says(deviceId, id, { status: 'SUCCEEDED', result: { outcome: 'pass' } });
      throw new Error('crash');
    });
    await expect(failing).rejects.toThrow('crash');
    expect(await one(id)).toMatchObject({ state: 'sent', result: null });
  });
});

describe('a self-test', () => {
  const start = (assetIds: string[], key: string, deviceIds: string[] = []) =>
    w.get(StartDiagnosticRuns).run(everyCustomer, { procedure: 'self-test', assetIds, deviceIds, key, ...by });

  it('of many machines is one run each, with window and finding; what it cannot run on is left out', async () => {
    const [good, bad, away] = [await w.installed('st-1'), await w.installed('st-2'), await w.installed('st-3')];
    for (const thing of ['st-1', 'st-2']) await w.connect(thing);
    const nobody = await w.asset('S-empty');
    const { runIds, leftOut } = await start([good.assetId, bad.assetId, nobody.id], 'batch', [
      away.deviceId,
      good.deviceId,
    ]);
    expect(leftOut).toEqual([{ id: nobody.id, reason: expect.stringContaining('no device speaks for this asset') }]);
    const runs = await w.get(DiagnosticRuns).many(everyCustomer, runIds);
    expect(runs).toHaveLength(3);
    expect(new Set(runs.map(({ batchId }) => batchId)).size).toBe(1);
    expect(await start([good.assetId, bad.assetId], 'batch')).toMatchObject({ leftOut: [] });
    expect(await w.rows('select 1 from diagnostic_run')).toHaveLength(3);
    const byDevice = new Map(runs.map((run) => [run.deviceId, run]));
    const execution = (deviceId: string) => byDevice.get(deviceId)?.execution.id ?? '';
    const from = w.clock.now();
    for (const { deviceId } of [good, bad]) await says(deviceId, execution(deviceId), { status: 'IN_PROGRESS' });
    w.clock.advance(4_000);
    await says(good.deviceId, execution(good.deviceId), { status: 'SUCCEEDED', result: { outcome: 'pass' } });
    await says(bad.deviceId, execution(bad.deviceId), { status: 'SUCCEEDED', result: { outcome: 'fail' } });
    const now = async ({ assetId }: { assetId: string }) =>
      (await w.get(DiagnosticRuns).page(everyCustomer, { first: 10, after: undefined }, assetId)).edges.map(
        ({ node }) => node,
      );
    expect(await now(good)).toMatchObject([{ verdict: 'passed', from, to: w.clock.now(), ...by }]);
    expect(await now(bad)).toMatchObject([{ verdict: 'failed', from, to: w.clock.now() }]);
    expect(await now(away)).toMatchObject([{ verdict: null, from: null, to: null, execution: { state: 'queued' } }]);
  });

  it('that was never answered was busy from its sending to our time-out, and a late result moves the end', async () => {
    const { deviceId, assetId } = await w.installed('st-silent');
    await w.connect('st-silent');
    const from = w.clock.now();
    const { runIds } = await start([assetId], 'silent');
    w.clock.advance(60_000);
    await w.get(EndOverdue).run();
    const run = async () => (await w.get(DiagnosticRuns).many(everyCustomer, runIds))[0];
    expect(await run()).toMatchObject({ from, to: w.clock.now(), verdict: null });
    w.clock.advance(1_000);
    const id = (await run())?.execution.id ?? '';
    await says(deviceId, id, { status: 'SUCCEEDED', result: { outcome: 'pass' } });
    expect(await run()).toMatchObject({ to: w.clock.now(), verdict: 'passed', execution: { late: true } });
  });

  it('asked for twice at once with one key is one', async () => {
    const { assetId } = await w.installed('st-twice');
    await Promise.all([1, 2, 3].map(() => start([assetId], 'twice')));
    expect(await w.rows('select 1 from diagnostic_run where asset_id = ?', [assetId])).toHaveLength(1);
  });

  it('is seen by the customer whose machine it was, and stays there when the device leaves', async () => {
    const { deviceId, assetId } = await w.installed('st-seen');
    const { runIds } = await start([assetId], 'seen');
    const seen = (customer: string) => w.get(DiagnosticRuns).many(onlyCustomers([customer]), runIds);
    expect(await seen(w.acme.id)).toHaveLength(1);
    expect(await seen(w.other.id)).toEqual([]);
    w.clock.advance(1_000);
    await w.get(EndInstallation).run(everyCustomer, { deviceId, at: w.clock.now() });
    expect(await seen(w.acme.id)).toHaveLength(1);
  });

  it('names every fault of its input', async () => {
    const none = w.get(StartDiagnosticRuns).run(everyCustomer, {
      procedure: 'defrag',
      assetIds: ['x'],
      deviceIds: Array.from({ length: 500 }, () => newId()),
      key: 'run:x',
      ...by,
    });
    await expect(none).rejects.toMatchObject({
      faults: [{ field: 'key' }, { field: 'procedure' }, { field: 'assetIds and deviceIds' }, { field: 'assetIds' }],
    });
  });

  it('is left out where the model has no such command', async () => {
    await w.rows(
      `insert into model (id, name, title, stale_after_ms, state_map) values (?, 'mute', 'Mute', 1000, '{}')`,
      [newId()],
    );
    const [model] = await w.rows<{ id: string }>(`select id from model where name = 'mute'`);
    const { id } = await w.device('mute-1');
    await w.rows('update device set model_id = ? where id = ?', [model?.id, id]);
    expect(await start([], 'mute', [id])).toEqual({
      runIds: [],
      leftOut: [{ id, reason: 'its model has no command "run-self-test"' }],
    });
  });
});

it('arguments are checked by the version that is asked for', async () => {
  const { deviceId } = await w.installed('versions');
  const v2 = { ...setInterval, argumentsSchema: { type: 'object', maxProperties: 0 } };
  expect((await w.get(RegisterCommand).run(w.model.id, v2)).version).toBe(2);
  const args = { command: 'set-report-interval', arguments: { seconds: 5 } };
  await expect(send(deviceId, 'new', args)).rejects.toMatchObject({ code: 'INVALID_INPUT' });
  expect(await send(deviceId, 'old', { ...args, version: 1 })).toMatchObject({ version: 1 });
});
