import { execFile } from 'node:child_process';
import * as assert from 'node:assert/strict';
import path from 'node:path';
import { promisify } from 'node:util';
import { test } from 'uvu';
import { callsFunctions, saysText } from '../../support/gemini-server.js';
import { API_KEY } from '../../support/house.js';
import { withTranslatedHouse } from '../../support/translated-house.js';

const SCANNER = path.resolve('node_modules/compatcanary/src/cli.js');

test('a scanner for OpenAI’s APIs finds nothing amiss', () =>
  withTranslatedHouse(
    ({ body: { toolConfig, generationConfig } }) => {
      const [name] = toolConfig?.functionCallingConfig.allowedFunctionNames ?? [];
      if (name !== undefined) return callsFunctions({ name, args: { value: 'CANARY_OK' } });
      return saysText(generationConfig?.responseJsonSchema === undefined ? 'CANARY_OK' : '{"status":"ok"}');
    },
    async ({ url }) => {
      const { stdout } = await promisify(execFile)(
        process.execPath,
        [SCANNER, 'scan', '--base-url', `${url}/v1`, '--model', 'gemini-3-pro', '--fail-on', 'never'],
        { env: { OPENAI_API_KEY: API_KEY } },
      );
      assert.match(stdout, /Score: 100\/100/, stdout);
    },
  ));

test.run();
