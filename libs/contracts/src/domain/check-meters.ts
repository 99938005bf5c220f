import { convertible, type Fault } from '@throughline/kernel';
import type { Terms } from './terms.js';

interface KnownMeter {
  readonly modelId: string;
  readonly name: string;
  readonly unit: string;
}

interface Machine {
  readonly modelId: string;
  /** What people call it. */
  readonly name: string;
}

/** Every usage charge must find its meter at each asset's model, in a unit that its price can be for; one fault a model. */
export function meterFaults(terms: Terms, machines: readonly Machine[], meters: readonly KnownMeter[]): Fault[] {
  const oneOfEach = machines.filter((m, i) => machines.findIndex((other) => other.modelId === m.modelId) === i);
  return terms.charges.flatMap((charge, i) => {
    if (charge.kind !== 'usage') return [];
    return oneOfEach.flatMap((machine): Fault[] => {
      const own = meters.filter((m) => m.modelId === machine.modelId);
      const meter = own.find((m) => m.name === charge.meter);
      if (!meter) {
        const names = own.length > 0 ? own.map((m) => m.name).join(', ') : 'none';
        const rule = `must be a meter of the model of ${machine.name}, which has ${names}`;
        return [{ field: `charges[${i}].meter`, value: charge.meter, rule }];
      }
      if (convertible(meter.unit, charge.unit)) return [];
      const rule = `must be a unit that "${meter.unit}", in which ${machine.name} counts ${meter.name}, can be converted to`;
      return [{ field: `charges[${i}].unit`, value: charge.unit, rule }];
    });
  });
}
