import * as v from 'valibot';
import type { Sealing } from '../database/sealing.js';
import { jsonOf } from '../ground/json.js';

/** The rows of `setting`: each has the value of a setting as JSON, sealed. */
export const CLIENT = 'oauth.clients.';
export const DEFAULT_CLIENT = 'oauth.defaultClient';
export const API_KEY = 'proxy.apiKey';

export const ClientSchema = v.object({ id: v.string(), secret: v.fallback(v.string(), '') });

/** Writes a row that is not there yet. */
export const FILL = 'insert into {setting} (key, secret) values ($1, $2) on conflict (key) do nothing';

const place = (key: string) => ({ table: 'setting', row: key, column: 'secret' });

export const sealedSetting = (sealing: Sealing, key: string, value: unknown): readonly [string, Buffer] => [
  key,
  sealing.seal(place(key), JSON.stringify(value)),
];

/** The value of a row; undefined: it does not open. */
export const openedSetting = (sealing: Sealing, key: string, secret: Buffer): unknown =>
  jsonOf(sealing.open(place(key), secret) ?? '');
