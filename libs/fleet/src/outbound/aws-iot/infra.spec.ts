import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

interface Statement {
  Action: string | string[];
  Resource: string | string[];
}

const infra = resolve(import.meta.dirname, '../../../../../infra/aws');
const read = (name: string): unknown => JSON.parse(readFileSync(join(infra, name), 'utf8'));
const statements = (name: string): Statement[] => (read(name) as { Statement: Statement[] }).Statement;
const list = (value: string | string[]): string[] => [value].flat();

it('the policy of the services allows what the adapter calls, and no more', () => {
  const sources = readdirSync(import.meta.dirname).filter((name) => !name.endsWith('.spec.ts'));
  const called = sources.flatMap((name) =>
    [...readFileSync(join(import.meta.dirname, name), 'utf8').matchAll(/new (\w+)Command\(/g)].map(
      ([, call]) => `iot:${call}`,
    ),
  );
  const allowed = statements('service-policy.json').flatMap(({ Action }) => list(Action));
  expect(allowed.sort()).toEqual([...new Set(called)].sort());
});

it('a device reaches topics of its own thing only', () => {
  for (const { Action, Resource } of statements('device-policy.json'))
    for (const resource of list(Resource)) {
      expect(resource).toMatch(/^arn:aws:iot:REGION:ACCOUNT:(client|topic|topicfilter)\//);
      expect([Action, resource]).toEqual([
        Action,
        expect.stringContaining(['$', '{iot:Connection.Thing.ThingName}'].join('')),
      ]);
    }
  expect(statements('device-policy.json').flatMap(({ Action }) => list(Action))).toEqual([
    'iot:Connect',
    'iot:Publish',
    'iot:Subscribe',
    'iot:Receive',
  ]);
});

it('a claim reaches provisioning only', () => {
  const resources = statements('claim-policy.json').flatMap(({ Resource }) => list(Resource));
  for (const resource of resources)
    expect(resource).toMatch(
      /:(client\/claim-\*|topic(filter)?\/\$aws\/(certificates|provisioning-templates)\/.+\/\*)$/,
    );
});

it('the provisioning template has what AWS IoT wants of one, in 10 KiB', () => {
  const text = readFileSync(join(infra, 'provisioning-template.json'), 'utf8');
  expect(Buffer.byteLength(text)).toBeLessThanOrEqual(10 * 1024);
  expect(read('provisioning-template.json')).toMatchObject({
    Parameters: { SerialNumber: { Type: 'String' } },
    Resources: {
      thing: { Type: 'AWS::IoT::Thing' },
      certificate: { Type: 'AWS::IoT::Certificate', Properties: { Status: 'Active' } },
      policy: { Type: 'AWS::IoT::Policy', Properties: { PolicyName: 'throughline-device' } },
    },
  });
});
