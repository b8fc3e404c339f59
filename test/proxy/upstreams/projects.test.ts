import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Projects } from '../../../src/proxy/upstreams/projects.js';
import { AccountFiles } from '../../../src/store/files/account-files.js';
import { systemClock } from '../../../src/store/ground/clock.js';
import { withDirectory } from '../../support/directory.js';

test('a project that another program names while Code Assist is asked stays', () =>
  withDirectory(async (directory) => {
    await directory.put({ id: 'a1', token: { project_id: undefined } });
    const store = await AccountFiles.open(directory.at('accounts'), systemClock);
    const codeAssist = {
      async load() {
        await directory.put({ id: 'a1', token: { project_id: 'theirs' } });
        await store.reload();
        return { cloudaicompanionProject: 'ours', currentTier: null, allowedTiers: [], ineligibleTiers: [] };
      },
    };
    assert.is(
      await new Projects(codeAssist, { project: () => Promise.reject(new Error('not asked')) }, store).of(
        'a1',
        'ya29.x',
      ),
      'theirs',
    );
    await store.flush();
    assert.is((await directory.read('a1')).token.project_id, 'theirs');
  }));

test.run();
