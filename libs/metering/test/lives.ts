import { Decimal } from '@throughline/kernel';
import fc from 'fast-check';
import { type CounterReading, decimalOf } from '../src/domain/counter.js';

/** Lives of a machine with two boards: reboots, clocks far off, exchanges, and readings that are wrong. */
export const A = '00000000-0000-7000-8000-00000000000a';
export const B = '00000000-0000-7000-8000-00000000000b';
export const MIN = 60_000;
export const DAY_MIN = 24 * 60;

export interface Told {
  readonly readings: CounterReading[];
  /** What was really produced from the first reading on. */
  readonly truth: Decimal;
}

export interface May {
  readonly unread?: boolean;
  readonly clocks?: boolean;
  readonly exchange?: boolean;
}

const moment = (may: May) =>
  fc.record({
    minutes: fc.integer({ min: 1, max: 150 }),
    tenths: fc.integer({ min: 0, max: 300 }),
    reboot: fc.constantFrom('no', 'no', 'no', 'no', 'kept', 'zero', 'earlier'),
    /** Days by which a reboot finds its clock wrong, as after a flat battery; the next reboot finds it right again. */
    clockOff: may.clocks ? fc.constantFrom(0, 0, 0, -1, -45, 2) : fc.constant(0),
    /** The controller was exchanged before this moment. */
    exchanged: may.exchange ? fc.constantFrom(false, false, false, false, false, true) : fc.constant(false),
    /** What is read is nothing, or a hundred times too much. */
    wrong: may.unread ? fc.constantFrom('no', 'no', 'no', 'no', 'nothing', 'leap') : fc.constant('no'),
  });

export const livesOf = (may: May): fc.Arbitrary<Told> =>
  fc.array(moment(may), { minLength: 1, maxLength: 45 }).map((list) => {
    let [minute, off, truth] = [0, 0, 0];
    const boards: Record<string, { boot: number; seq: number; counter: number }> = {
      [A]: { boot: 1, seq: 0, counter: 500 },
      [B]: { boot: 1, seq: 0, counter: 77_000 },
    };
    let speaker = A;
    const readings = list.map((m, i): CounterReading => {
      minute += m.minutes;
      if (m.exchanged) [speaker, off] = [speaker === A ? B : A, 0];
      const board = boards[speaker];
      if (!board) throw new Error('there are two boards');
      if (m.reboot !== 'no') {
        [board.boot, board.seq, off] = [board.boot + 1, 0, m.clockOff * DAY_MIN];
        if (m.reboot === 'zero') board.counter = 0;
        if (m.reboot === 'earlier') board.counter = Math.max(0, board.counter - 90);
      }
      board.counter += m.tenths;
      board.seq += 1;
      if (i > 0) truth += m.tenths;
      const { boot, seq, counter } = board;
      return {
        deviceId: speaker,
        boot,
        seq,
        ts: (minute + off) * MIN,
        value: decimalOf(m.wrong === 'nothing' ? 0 : m.wrong === 'leap' ? counter * 10 : counter / 10),
      };
    });
    return { readings, truth: new Decimal(truth).div(10) };
  });
