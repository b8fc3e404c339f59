/** The unit in docs/: what a crash or a break-in could still do with it, as systemd itself sees it. */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';

const unit = path.join(import.meta.dirname, '..', '..', 'docs', 'regrant.service');
const analyzer = spawnSync('systemd-analyze', ['--version'], { encoding: 'utf8' });
/** Looking at a unit that is not installed came with 250. */
const canAnalyze = analyzer.status === 0 && Number(/^systemd (\d+)/.exec(analyzer.stdout)?.[1]) >= 250;

test('no core dump is left, memory has a bound, and nothing is written but the data directory', () => {
  const lines = readFileSync(unit, 'utf8').split('\n');
  for (const line of ['LimitCORE=0', 'MemoryMax=1G', 'ProtectSystem=strict', 'ProtectHome=read-only', 'UMask=0077']) {
    assert.ok(lines.includes(line), line);
  }
  assert.equal(
    lines.filter((line) => line.startsWith('ReadWritePaths=')),
    ['ReadWritePaths=-%h/.regrant -%h/.antigravity_tools %t'],
  );
});

const analyzed = (name: string, body: () => void): void => (canAnalyze ? test(name, body) : test.skip(name, body));

analyzed('systemd calls it no worse than medium', () => {
  const { stdout } = spawnSync('systemd-analyze', ['security', '--offline=true', unit], { encoding: 'utf8' });
  const level = Number(/Overall exposure level for regrant\.service: ([\d.]+)/.exec(stdout)?.[1]);
  assert.ok(level < 6, `${level}`);
});

test.run();
