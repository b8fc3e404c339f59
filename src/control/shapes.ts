/** Schemas of what an attached screen is shown, checked when it comes out of the socket. */
import * as v from 'valibot';
import { languages } from '../store/words/tongue.js';
import type { AccountRow, AccountState, Snapshot } from '../proxy/contract/snapshot.js';
import type { GrantEvent, GrantEventKind } from '../proxy/contract/supervisor.js';
import { CauseSchema } from '../proxy/contract/operation-shapes.js';
import { causes, isCause } from '../proxy/contract/causes.js';
import type { RankedCause } from '../proxy/contract/causes.js';

/**
 * A picklist from an object with one entry for each word: a missing word is a compile error, which it would not be in a
 * list.
 */
const wordsOf = <T extends string>(words: Record<T, true>) =>
  v.picklist(Object.keys(words) as [T, ...T[]], 'a word this version knows');

const states = wordsOf<AccountState>({
  ready: true,
  cooling: true,
  disabled: true,
  proxy_disabled: true,
  refused: true,
  blocked: true,
  no_client: true,
  unreadable: true,
});

const kinds = wordsOf<GrantEventKind>({
  refreshed: true,
  rotated: true,
  disabled: true,
  refused: true,
  temporary: true,
  client: true,
  recovered: true,
  served: true,
  warning: true,
  rested: true,
  blocked: true,
  lifted: true,
  settings: true,
  key_limit: true,
  restarted: true,
  box: true,
});

const maybeNumber = v.nullable(v.number());
const maybeText = v.nullable(v.string());

const grantCause = v.custom<RankedCause['cause']>(
  (word) => typeof word === 'string' && isCause(word) && causes[word].class === 'grant',
);
const fit = wordsOf<RankedCause['fit']>({ certain: true, likely: true, possible: true, ruled_out: true });

export const AccountRowSchema: v.GenericSchema<unknown, AccountRow> = v.looseObject({
  id: v.string(),
  file: v.string(),
  email: v.string(),
  name: v.string(),
  label: v.string(),
  state: states,
  cause: v.nullable(CauseSchema),
  causes: v.array(v.looseObject({ cause: grantCause, fit, because: v.string() })),
  reason: v.string(),
  since: maybeNumber,
  serves: v.boolean(),
  accessExpiresAt: maybeNumber,
  requests: v.number(),
  errors: v.number(),
  inFlight: v.number(),
  lastUsed: maybeNumber,
  coolingUntil: maybeNumber,
  coolingWhat: v.string(),
  quotaPercent: maybeNumber,
  quotaLimits: v.array(
    v.object({ group: v.string(), window: v.string(), percentage: v.number(), resetAt: maybeNumber }),
  ),
  borrowedUntil: maybeNumber,
  grantEndsAt: maybeNumber,
  notSaved: maybeText,
  unsaved: v.array(v.string()),
  refreshing: v.boolean(),
  retryAt: maybeNumber,
  trouble: maybeText,
  client: v.string(),
  clientKnown: v.boolean(),
  projectId: maybeText,
  refreshToken: v.nullable(v.object({ length: v.number(), sha256: v.string() })),
  proxyDisabled: v.boolean(),
  protectedModels: v.array(v.string()),
  validationUrl: maybeText,
  createdAt: maybeNumber,
});

const CountsSchema = v.object({
  ready: v.number(),
  cooling: v.number(),
  disabled: v.number(),
  proxy_disabled: v.number(),
  refused: v.number(),
  blocked: v.number(),
  no_client: v.number(),
  unreadable: v.number(),
});

const BannerSchema = v.object({
  code: v.string(),
  severity: v.picklist(['info', 'warning', 'error']),
  text: v.string(),
});

const AlarmSchema = v.object({
  at: v.number(),
  accountId: v.string(),
  email: v.string(),
  text: v.string(),
  count: v.number(),
});

const TrafficSchema = v.object({
  requests: v.number(),
  errors: v.number(),
  inFlight: v.number(),
  waiting: v.number(),
  perSecond: v.array(v.number()),
  errorsPerSecond: v.array(v.number()),
});

export const PoolBoxesSchema = v.object({
  own: v.string(),
  all: v.array(
    v.object({
      ...{ name: v.string(), address: v.string(), version: v.string(), startedAt: v.number(), seenAt: v.number() },
      ...{ isGone: v.boolean(), skewMs: maybeNumber, openLeases: v.number(), spooled: v.number() },
    }),
  ),
});

export const SnapshotSchema: v.GenericSchema<unknown, Snapshot> = v.looseObject({
  now: v.number(),
  version: v.string(),
  pid: v.number(),
  address: v.string(),
  keyRequired: v.boolean(),
  upSince: v.number(),
  health: v.picklist(['ok', 'degraded', 'down']),
  counts: CountsSchema,
  noneServes: v.array(v.object({ model: v.string(), next: maybeNumber })),
  unsaved: v.number(),
  accounts: v.array(AccountRowSchema),
  traffic: TrafficSchema,
  alarm: v.nullable(AlarmSchema),
  banners: v.array(BannerSchema),
  clients: v.array(v.object({ name: v.string(), id: v.string(), hasSecret: v.boolean() })),
  dataDir: v.string(),
  ui: v.object({
    theme: v.picklist(['auto', 'dark', 'light']),
    glyphs: v.picklist(['auto', 'unicode', 'ascii']),
    // a supervisor before it knew languages
    language: v.optional(v.picklist(['auto', ...languages]), 'auto'),
    flash: v.boolean(),
    bell: v.boolean(),
    mouse: v.optional(v.boolean(), false),
  }),
  hint: maybeText,
  draining: v.boolean(),
  lastLooked: maybeNumber,
  testing: v.nullable(
    v.looseObject({
      ...{ done: v.number(), of: v.number(), refused: v.number(), unanswered: v.number() },
      since: v.optional(v.number(), 0),
    }),
  ),
  acting: v.optional(
    v.nullable(
      v.looseObject({
        what: v.picklist(['off', 'on', 'clear', 'remove', 'bring_back']),
        ...{ done: v.number(), failed: v.number(), of: v.number(), since: v.number() },
      }),
    ),
    null,
  ),
  boxes: v.optional(v.nullable(PoolBoxesSchema), null),
});

export const GrantEventSchema: v.GenericSchema<unknown, GrantEvent> = v.looseObject({
  seq: v.number(),
  at: v.number(),
  kind: kinds,
  accountId: v.string(),
  email: v.string(),
  cause: maybeText,
  tookMs: maybeNumber,
  nextAt: maybeNumber,
  text: v.string(),
  detail: v.string(),
  box: v.exactOptional(v.string()),
});

/** A log line as written, and the log that it came from; it is parsed when somebody looks at it. */
export const LogLineSchema = v.tuple([v.string(), v.string()]);
