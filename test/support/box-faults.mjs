// Loaded with `--import` into the program under a soak: what a box does to names and to the clock, by files in a folder.
// `dns-down` there: no name can be looked up. `clock` there: its number of ms is added to the time.
import dns from 'node:dns';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';

const folder = process.env.BOX_FAULTS ?? '';
const { lookup } = dns;

dns.lookup = (name, options, callback) => {
  const tell = typeof options === 'function' ? options : callback;
  if (!existsSync(path.join(folder, 'dns-down'))) return lookup(name, options, callback);
  process.nextTick(tell, Object.assign(new Error(`getaddrinfo EAI_AGAIN ${name}`), { code: 'EAI_AGAIN' }));
};

const now = Date.now;
let offset = 0;
setInterval(() => {
  try {
    offset = Number(readFileSync(path.join(folder, 'clock'), 'utf8'));
  } catch {
    offset = 0;
  }
}, 500).unref();
Date.now = () => now() + offset;
