import { openPool } from '../../store/database/open-pool.js';
import { SettingsError, settingsLayers } from '../../store/settings/settings.js';
import type { SharedValues } from '../../store/settings/shared-values.js';
import { readSharedValues, saveSharedSetting } from '../../store/shared/shared-settings.js';
import type { Saying } from '../../store/ground/errors.js';
import { saying } from '../../store/words/saying.js';
import type { Context } from '../context.js';
import { placesOf } from '../places.js';
import { databaseGiven, withDatabase } from './database-given.js';

/**
 * Sets a setting that boxes share, for all of them. A client is an id and a secret together, which another verb sets.
 *
 * @throws {SettingsError} what would come of it is not allowed
 * @throws {CannotRun} the pool cannot be opened, or does not take it
 */
export async function setForAll(context: Context, key: string, value: unknown): Promise<Saying> {
  if (key !== 'proxy.apiKey' && key !== 'oauth.defaultClient')
    throw new SettingsError(
      saying('{key} lies in the database, for all boxes: set id and secret together by `regrant client set NAME`', {
        key,
      }),
    );
  if (typeof value !== 'string' || value === '') throw new SettingsError(saying('{key} is to be a text', { key }));
  const { settings: file } = placesOf(context);
  return withDatabase(databaseGiven(context), context.clock, openPool, async ({ database, sealing }) => {
    const { values } = await readSharedValues(database, sealing);
    const { variables } = settingsLayers(file, context.env, withValue(values, key, value));
    // no box of the pool: this machine's too is to hear of it
    await saveSharedSetting({ database, box: '' }, sealing, key, value);
    const over = variables.get(key);
    return over === undefined
      ? saying('{key} is set for all boxes', { key })
      : saying('{key} is set for all boxes; on this one {over} stands over it', { key, over });
  });
}

const withValue = (
  { oauth, proxy }: SharedValues,
  key: 'proxy.apiKey' | 'oauth.defaultClient',
  value: string,
): SharedValues =>
  key === 'proxy.apiKey' ? { oauth, proxy: { apiKey: value } } : { oauth: { ...oauth, defaultClient: value }, proxy };
