// Another program that edits the account files of a folder: reads one, adds a key of its own, and writes it back, in
// place or through a rename, again and again. Arguments: folder, `in-place` or `rename`, edits, pause in ms, seed.
// Prints one line of JSON: for each edit its number and when it was done, ms since 1970.
import { readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';

const [folder, how, edits, pause, seed] = process.argv.slice(2);
const names = readdirSync(folder).filter((name) => name.endsWith('.json'));
let state = Number(seed) >>> 0;
const random = () => {
  state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
  return state / 2 ** 32;
};

function edit(file, number) {
  const json = JSON.parse(readFileSync(file, 'utf8'));
  (json.x_theirs ??= {})[`e${number}`] = number;
  json.quota = { models: [], last_updated: number };
  const text = JSON.stringify(json, null, 2);
  if (how === 'in-place') {
    writeFileSync(file, text);
  } else {
    const temporary = `${file}.tmp.${number}`;
    writeFileSync(temporary, text);
    renameSync(temporary, file);
  }
}

const done = [];
for (let number = 0; number < Number(edits); number++) {
  const name = names[Math.floor(random() * names.length)];
  edit(join(folder, name), number);
  done.push([name, number, performance.timeOrigin + performance.now()]);
  if (Number(pause) > 0) await sleep(Number(pause));
  else if (number % 50 === 0) await sleep(0);
}
console.log(JSON.stringify(done));
