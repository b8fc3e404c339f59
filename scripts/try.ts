import { openTerminal } from './terminal.js';
const t = openTerminal(process.execPath, ['--import', 'tsx', 'src/app.ts', '--demo'], { columns: 120, rows: 40, env: process.env });
const start = Date.now();
try {
  await t.shows(/anna/, 8000); console.log('paint', Date.now() - start); 
  await t.shows(/DISABLED/, 20000); console.log('disabled', Date.now() - start);
  await t.shows(/demo-new-token/, 5000); console.log('hint', Date.now() - start);
  console.log(t.text());
  t.type('.'); await t.shows(/DISABLED/);
  t.type('\r'); await new Promise((r) => setTimeout(r, 500)); console.log(t.text());
  t.type('\x1b'); await new Promise((r) => setTimeout(r, 500));
  t.type('r'); await t.shows(/new refresh token for/, 3000);
  t.paste('demo-new-token-for-kim'); await t.shows(/22 char/, 3000); console.log(t.text());
  t.type('\r'); await t.shows(/ready +kim/, 5000); console.log('ready', Date.now() - start);
  await new Promise((r) => setTimeout(r, 2500)); console.log(t.text());
  t.type('q'); await new Promise((r) => setTimeout(r, 300)); t.type('q');
  console.log('exit', await Promise.race([t.ended, new Promise((r) => setTimeout(() => r('still'), 11000))]));
} catch (e) { console.log(String(e)); }
t.kill();
