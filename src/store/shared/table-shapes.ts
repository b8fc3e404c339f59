import * as v from 'valibot';
import {
  type GrantRecord,
  GrantSchema,
  type LoginRecord,
  type RefusedRecord,
  type ResourceRecord,
} from '../state/state-store.js';
import type { Keyed, TableShape } from './shared-table.js';

const KEYS = 'select jsonb_array_elements_text($1::jsonb)';
const SAVED = 'jsonb_array_elements($1::jsonb) as s, (select $2::text) as own (box)';

const isSameJson = (one: unknown, other: unknown): boolean => JSON.stringify(one) === JSON.stringify(other);

/** A table whose key is one column. */
const oneKeyed = (table: string, key: string, columns: string) => ({
  readAll: `select ${key} as key, ${columns} from {${table}}`,
  readSome: `select ${key} as key, ${columns} from {${table}} where ${key} in (${KEYS})`,
  drop: `delete from {${table}} where ${key} in (${KEYS})`,
});

/** Refresh tokens that Google refused, by fingerprint. The first refusal counts. */
export const refusedShape: TableShape<RefusedRecord> = {
  table: 'refused',
  row: v.pipe(
    v.object({ key: v.string(), at: v.number(), cause: v.string(), reason: v.string() }),
    v.transform(({ key, ...record }) => ({ key, record })),
  ),
  ...oneKeyed('refused', 'token_fp', 'at, cause, reason'),
  save: `insert into {refused} (token_fp, at, cause, reason)
    select s->>'key', floor((s->>'at')::float8), s->>'cause', s->>'reason' from ${SAVED}
    on conflict (token_fp) do nothing`,
  saved: (record) => record,
  isSame: isSameJson,
};

/** What is known of grants, by their tokens' fingerprints. */
export const grantShape: TableShape<GrantRecord> = {
  table: 'grant_record',
  row: v.pipe(
    v.object({ key: v.string(), doc: v.fallback(GrantSchema, { firstSeen: 0 }) }),
    v.transform(({ key, doc: record }) => ({ key, record })),
  ),
  ...oneKeyed('grant_record', 'token_fp', 'doc'),
  save: `insert into {grant_record} (token_fp, doc) select s->>'key', s->'doc' from ${SAVED}
    on conflict (token_fp) do update set doc = excluded.doc`,
  saved: (doc) => ({ doc }),
  // the database does not keep the order of keys
  isSame: (one, other) => isSameJson(Object.entries(one).sort(), Object.entries(other).sort()),
};

/** New refresh tokens that were saved, by fingerprint. */
export const loginShape: TableShape<LoginRecord> = {
  table: 'login',
  row: v.pipe(
    v.object({ key: v.string(), client: v.string(), email: v.string(), at: v.number() }),
    v.transform(({ key, ...login }) => ({ key, record: { ...login, token: key } })),
  ),
  ...oneKeyed('login', 'token_fp', 'client, email, at'),
  save: `insert into {login} (token_fp, client, email, at)
    select s->>'key', s->>'client', s->>'email', floor((s->>'at')::float8) from ${SAVED}
    on conflict (token_fp) do update set client = excluded.client, email = excluded.email, at = excluded.at`,
  saved: (record) => record,
  isSame: (one, other) => one.at === other.at && one.email === other.email && one.client === other.client,
};

const maybe = v.nullable(v.string());

/** Since when a use of a stored thing is worth saving again. */
const USED_AGAIN_MS = 3_600_000;

/** What the Gemini API stores, by name. What was of use last counts. */
export const resourceShape: TableShape<ResourceRecord> = {
  table: 'resource',
  row: v.pipe(
    v.object({
      ...{ key: v.string(), project: v.fallback(v.string(), ''), account: maybe, host: maybe },
      ...{ at: v.number(), client: maybe, made_at: v.nullable(v.number()) },
    }),
    v.transform(({ key: name, project, account, host, at, client, made_at: madeAt }): Keyed<ResourceRecord> => {
      const made = client === null ? {} : { client, madeAt: madeAt ?? at };
      return { key: name, record: { name, project, account, host, at, ...made } };
    }),
  ),
  ...oneKeyed('resource', 'name', 'project, account, host, at, client, made_at'),
  save: `insert into {resource} as r (name, project, account, host, at, client, made_at)
    select s->>'key', s->>'project', s->>'account', s->>'host', to_timestamp((s->>'at')::float8 / 1000), s->>'client',
      to_timestamp((s->>'madeAt')::float8 / 1000) from ${SAVED}
    on conflict (name) do update set project = excluded.project, account = excluded.account, host = excluded.host,
      at = excluded.at, client = excluded.client, made_at = excluded.made_at
    where r.at <= excluded.at`,
  saved: (record) => record,
  isSame: ({ at: one = 0, ...was }, { at: other = 0, ...is }) =>
    Math.abs(one - other) < USED_AGAIN_MS && isSameJson(Object.entries(was).sort(), Object.entries(is).sort()),
};
