import { countText, hoursText, instantText, intervalText, namesText } from './words.js';

describe('words of an explanation', () => {
  it('show an instant on the wall clock, seconds only where there are some', () => {
    expect(instantText(Date.parse('2026-01-12T07:00:00Z'), 'Europe/Amsterdam')).toBe('2026-01-12 08:00');
    expect(instantText(Date.parse('2026-07-12T07:00:09Z'), 'Europe/Amsterdam')).toBe('2026-07-12 09:00:09');
    expect(instantText(Date.parse('2026-03-31T18:30:00Z'), 'Asia/Kolkata')).toBe('2026-04-01 00:00');
  });

  it('name the zone of an interval once', () => {
    const from = Date.parse('2026-03-28T23:00:00Z');
    expect(intervalText({ from, to: from + 23 * 3_600_000 }, 'Europe/Amsterdam')).toBe(
      '2026-03-29 00:00 to 2026-03-30 00:00 (Europe/Amsterdam)',
    );
  });

  it('name five and count the rest', () => {
    expect(namesText([])).toBe('');
    expect(namesText(['a', 'b', 'c', 'd', 'e'])).toBe('a, b, c, d, e');
    expect(namesText(['a', 'b', 'c', 'd', 'e', 'f'])).toBe('a, b, c, d, e and 1 more');
  });

  it('count one and many', () => {
    expect([countText(0, 'asset'), countText(1, 'asset'), countText(2, 'asset')]).toEqual([
      '0 assets',
      '1 asset',
      '2 assets',
    ]);
    expect(countText(2, 'day of grace', 'days of grace')).toBe('2 days of grace');
  });

  it.each([
    [0, '0 h'],
    [3_600_000, '1 h'],
    [36_000_000, '10 h'],
    [5_400_000, '1.5 h'],
    [4_500_000, '1.25 h'],
    [3_612_000, '1 h'],
    [360_000_000, '100 h'],
  ])('write %i ms as %s', (ms, text) => expect(hoursText(ms)).toBe(text));
});
