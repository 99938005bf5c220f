// Writes to a journal as fast as it can and prints what it does, until it is killed. `try` is printed before a message is
// appended, `appended` when `append` has returned; `commit` before a commit begins.
import { writeSync } from 'node:fs';
import { DurableJournal } from '../dist/agent/durable-journal.js';

const say = (...words) => writeSync(1, `${words.join(' ')}\n`);
const journal = DurableJournal.open(process.argv[2]);
const boot = journal.lastBoot + 1;
journal.begin(boot);
say('boot', boot);
for (let seq = 1; ; seq += 1) {
  say('try', boot, seq);
  journal.append({ ts: Date.now(), boot, seq, m: { state: 2, output_m3: seq } });
  say('appended', boot, seq);
  if (seq % 7 === 0) journal.acknowledge(journal.claim(20, 1e6));
  if (seq % 11 === 0) {
    say('commit', boot, seq - 5);
    journal.commit({ boot, seq: seq - 5 });
  }
}
