/**
 * UCUM codes of units that the SenML registry (RFC 8428, 12.1; RFC 8798) writes otherwise. All others are the same in both.
 */
const ucum: Readonly<Record<string, string>> = {
  '/': '1',
  count: '1',
  '/100': '%',
  '%RH': '%',
  '%EL': '%',
  Wh: 'W.h',
  kWh: 'kW.h',
  Ah: 'A.h',
  VA: 'V.A',
  kVA: 'kV.A',
  VAh: 'V.A.h',
  kVAh: 'kV.A.h',
};

/** UCUM has two codes for the litre. */
const litre = (unit: string): string => unit.replace(/^([a-z]?)l(?=$|\/)/, '$1L');

/** Whether a SenML unit and a UCUM code name one unit. */
export const isSameUnit = (senml: string, code: string): boolean => litre(ucum[senml] ?? senml) === litre(code);
