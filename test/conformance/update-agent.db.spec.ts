import { createHash, randomBytes } from 'node:crypto';
import { readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { until } from './support/jobs-devices.js';
import { type UpdateWorld, updateWorld } from './support/updates.js';

const LONG = 240_000;
let w: UpdateWorld;
beforeAll(async () => {
  w = await updateWorld();
}, LONG);
afterAll(() => w.close(), LONG);

const image = (version: string, counter: number, more: object = {}): Buffer =>
  Buffer.from(JSON.stringify({ version, counter, hardware: 'rx90-a', behaviour: 'normal', ...more }));
const sha256 = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');
const bootOf = async (folder: string): Promise<number> => Number(await readFile(join(folder, 'boot'), 'utf8'));

describe('an update by the real agent, over MQTT and HTTP', () => {
  it(
    'reaches a running device, which starts the new image and says so',
    async () => {
      const folder = await w.thing('u-good');
      const agent = await w.agent(folder, '120s');
      const rollout = await w.rollOut('u-good', image('2.0.0', 2), '2.0.0', 2);
      expect(await w.reached(rollout, 'succeeded')).toEqual({
        state: 'succeeded',
        percent: 100,
        why: null,
        reported: { version: '2.0.0' },
      });
      expect(await w.firmware('u-good')).toEqual({ inRollout: '2.0.0', now: '2.0.0' });
      expect(await bootOf(folder)).toBe(2);
      expect(await readFile(join(folder, 'firmware', 'slot-b.json'))).toEqual(image('2.0.0', 2));
      await agent.stop();
      expect(await agent.exit).toBe(0);

      // A controller that was exchanged by hand, say: no job tells of what it runs.
      await writeFile(join(folder, 'firmware', 'slot-b.json'), image('1.9.0', 1));
      const fallen = await w.agent(folder, '120s');
      await until(async () => (await w.firmware('u-good')).now === '1.9.0');
      expect((await w.firmware('u-good')).inRollout).toBe('2.0.0');
      await fallen.stop();
    },
    LONG,
  );

  it(
    'is refused when the file is not what was promised, and the former image goes on',
    async () => {
      const folder = await w.thing('u-hash');
      const bytes = image('2.1.0', 3);
      const rollout = await w.rollOut('u-hash', bytes, '2.1.0', 3);
      await writeFile(join(w.dataDir, 'artefacts', sha256(bytes)), Buffer.alloc(bytes.length, 'x'));
      const agent = await w.agent(folder, '120s');
      const { why, reported } = await w.reached(rollout, 'failed');
      expect(why).toBe(
        `the artefact's SHA-256 is ${sha256(Buffer.alloc(bytes.length, 'x'))}, promised was ${sha256(bytes)}`,
      );
      expect(reported).toEqual({ version: '1.0.0' });
      expect(await bootOf(folder)).toBe(1);
      await agent.stop();
      expect(await agent.exit).toBe(0);
    },
    LONG,
  );

  it(
    'is rolled back when the new image does not prove itself in time',
    async () => {
      const folder = await w.thing('u-mute');
      const agent = await w.agent(folder, '4s');
      const rollout = await w.rollOut('u-mute', image('2.2.0', 4, { behaviour: 'mute' }), '2.2.0', 4);
      expect(await w.reached(rollout, 'rolled_back')).toMatchObject({
        why: 'the new image was not healthy within 4 s',
        reported: { version: '1.0.0' },
      });
      expect(await bootOf(folder)).toBe(3);
      expect(await w.firmware('u-mute')).toEqual({ inRollout: '1.0.0', now: '1.0.0' });
      await agent.stop();
      expect(await agent.exit).toBe(0);
    },
    LONG,
  );

  it(
    'goes on with the download where a killed agent left it',
    async () => {
      const folder = await w.thing('u-kill');
      const bytes = image('2.3.0', 5, { padding: randomBytes(1_500_000).toString('hex') });
      w.stallAfter = 1_000_000;
      w.ranges.length = 0;
      const killed = await w.agent(folder, '120s');
      const rollout = await w.rollOut('u-kill', bytes, '2.3.0', 5);
      const part = join(folder, 'firmware', `${sha256(bytes)}.part`);
      const sizeOfPart = async (): Promise<number> => (await stat(part).catch(() => ({ size: 0 }))).size;
      await until(async () => (await sizeOfPart()) >= 500_000);
      killed.kill('SIGKILL');
      await killed.exit;
      const kept = await sizeOfPart();
      expect(kept).toBeLessThan(bytes.length);
      w.stallAfter = undefined;
      const agent = await w.agent(folder, '120s');
      expect(await w.reached(rollout, 'succeeded')).toMatchObject({ reported: { version: '2.3.0' } });
      expect(w.ranges).toEqual([undefined, `bytes=${kept}-`]);
      await agent.stop();
      expect(await agent.exit).toBe(0);
    },
    LONG,
  );
});
