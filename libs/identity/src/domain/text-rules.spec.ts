import type { Fault } from '@throughline/kernel';
import { isEmail, normalEmail, refuseFaults, shortText } from './text-rules.js';

describe('e-mail addresses', () => {
  it.each(['a@b.test', 'first.last+tag@sub.example.com', 'admin@localhost'])('may be %s', (text) => {
    expect(isEmail(text)).toBe(true);
  });

  it.each(['', 'a', '@b', 'a@', 'a b@c.test', 'a@b@c.test', '<a@b.test>', `${'a'.repeat(65)}@b.test`])(
    'cannot be %j',
    (text) => {
      expect(isEmail(text)).toBe(false);
    },
  );

  it('are compared without case and blanks around', () => {
    expect(normalEmail('  Ann@Example.TEST ')).toBe('ann@example.test');
  });
});

describe('shortText', () => {
  it.each(['', '   ', 'x'.repeat(11), 'two\nlines', 'nul\u0000'])('refuses %j', (text) => {
    const faults: Fault[] = [];
    shortText(faults, 'name', text, 10);
    expect(() => refuseFaults(faults)).toThrow('name: must be a line of 1 to 10 characters');
  });

  it('trims', () => {
    const faults: Fault[] = [];
    expect(shortText(faults, 'name', ' Ünïcode ', 10)).toBe('Ünïcode');
    expect(() => refuseFaults(faults)).not.toThrow();
  });
});
