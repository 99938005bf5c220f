import { uniformInt } from 'pure-rand/distribution/uniformInt';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';

/** A seeded source of whole numbers. The same seed and key always give the same sequence. */
export interface RandomSource {
  /** A whole number, both bounds included. */
  int(from: number, to: number): number;
  /** True with the given probability (0..1). */
  chance(probability: number): boolean;
}

/** Mixes whole numbers of up to 53 bits into 32 bits (the finaliser of MurmurHash3 over each half). */
export function mix(...parts: readonly number[]): number {
  let hash = 0x9e3779b9;
  for (const part of parts) {
    for (const word of [part | 0, Math.floor(part / 0x1_0000_0000) | 0]) {
      hash = Math.imul(hash ^ word, 0x85ebca6b);
      hash ^= hash >>> 13;
      hash = Math.imul(hash, 0xc2b2ae35);
      hash ^= hash >>> 16;
    }
  }
  return hash;
}

/** An independent source for a seed and a key, for example (seed, purpose, day): any day can be drawn on its own. */
export function randomSource(...key: readonly number[]): RandomSource {
  const generator = xoroshiro128plus(mix(...key));
  return {
    int: (from, to) => uniformInt(generator, from, to),
    chance: (probability) => uniformInt(generator, 0, 999_999) < probability * 1_000_000,
  };
}

/** Measurement noise in -0.5..0.5 that depends on its key alone, never on how many values were drawn before. */
export function noise(...key: readonly number[]): number {
  return (mix(...key) >>> 0) / 0x1_0000_0000 - 0.5;
}

/** A seed for a device that names none: the same name always gives the same machine. */
export function seedFromName(name: string): number {
  return mix(...Array.from(name, (character) => character.codePointAt(0) ?? 0)) >>> 0;
}
