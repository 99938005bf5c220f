import { invalid } from '@throughline/kernel';
import { isFree } from '../embedded/ports.js';

export interface ChosenPorts {
  readonly http: number;
  readonly mqtt: number;
  readonly mqtts: number;
  /** What to tell the user: "port 3000 is taken, 3001 is used". */
  readonly notes: readonly string[];
}

const wanted = [
  { key: 'http', setting: 'HTTP_PORT', usual: 3000 },
  { key: 'mqtt', setting: 'MQTT_PORT', usual: 1883 },
  { key: 'mqtts', setting: 'MQTTS_PORT', usual: 8883 },
] as const;

const TRIES = 100;

/** The usual ports, or the next free ones; a port that was asked for and is taken is an error that names it. */
export async function choosePorts(env: Readonly<Record<string, string | undefined>>): Promise<ChosenPorts> {
  const notes: string[] = [];
  const chosen: Record<string, number> = {};
  const taken = new Set<number>();
  const faults = [];
  for (const { key, setting, usual } of wanted) {
    const asked = env[setting];
    if (asked) {
      const port = Number(asked);
      if (!Number.isInteger(port) || port < 1 || port > 65535)
        faults.push({ field: setting, value: asked, rule: 'must be a port number from 1 to 65535' });
      else if (!(await isFree(port)))
        faults.push({
          field: setting,
          value: asked,
          rule: 'is taken by another program: choose another port, or leave it unset for the next free one',
        });
      chosen[key] = port;
      taken.add(port);
      continue;
    }
    let port = usual as number;
    while (port < usual + TRIES && (taken.has(port) || !(await isFree(port)))) port += 1;
    if (port !== usual) notes.push(`port ${usual} is taken, ${port} is used`);
    chosen[key] = port;
    taken.add(port);
  }
  if (faults.length > 0) throw invalid(...faults);
  return { http: chosen.http ?? 0, mqtt: chosen.mqtt ?? 0, mqtts: chosen.mqtts ?? 0, notes };
}
