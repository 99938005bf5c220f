import type { Validity } from '../certificate-profile.js';

/** A certificate is renewed when two thirds of its life are over: the last third is for devices that are seldom there. */
export const rotationDue = (now: Date, { notBefore, notAfter }: Validity): boolean =>
  3 * (now.getTime() - notBefore.getTime()) >= 2 * (notAfter.getTime() - notBefore.getTime());
