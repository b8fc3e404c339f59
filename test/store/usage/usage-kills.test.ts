/** The short form of `npm run soak -- usage-kills`. */
import { mkdirSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { withDirectory } from '../../support/directory.js';
import { seeded } from '../../support/random.js';
import { killUsage } from '../../support/usage-kills.js';

test('usage that a kill stops at any moment is whole, and has what was said to be written', () =>
  withDirectory(async (dir) => {
    const folder = dir.at('usage');
    mkdirSync(folder);
    const { kills, faults } = await killUsage(folder, 4, seeded(4182));
    assert.equal([kills, faults], [4, []]);
  }));

test.run();
