import { english } from '../words/saying.js';
import { isIP } from 'node:net';
import * as v from 'valibot';
import type { JsonObject } from '../ground/json.js';
import { languages, type PlainSentence } from '../words/tongue.js';
import { trueOrFalse, inBraces, isUrl, oneOf, section, text, texts, whole, allowed } from './checks.js';
import { DatabaseSection } from './database-section.js';

/** Whether a host name or address can only be this machine. */
export const isLoopback = (host: string): boolean =>
  host === 'localhost' ||
  host.endsWith('.localhost') ||
  host === '::1' ||
  host === '[::1]' ||
  (isIP(host) === 4 && host.startsWith('127.'));

const webUrl = v.pipe(
  text,
  v.check(
    (value) => isUrl(value, (url) => /^https?:$/.test(url.protocol)),
    allowed('a URL that starts with https:// or http://'),
  ),
);

const maybeWebUrl = v.pipe(
  text,
  v.check(
    (value) => value === '' || isUrl(value, (url) => /^https?:$/.test(url.protocol)),
    allowed('empty, or a URL that starts with https:// or http://'),
  ),
);

/** A URL that the refresh token travels to: encrypted, unless it never leaves this machine. */
const secretUrl = v.pipe(
  text,
  v.check(
    (value) =>
      isUrl(value, (url) => url.protocol === 'https:' || (url.protocol === 'http:' && isLoopback(url.hostname))),
    allowed('a URL that starts with https:// (http:// only for a loopback host): a refresh token travels there'),
  ),
);

/** What to do where a proxy's password has characters that mean something else in a URL. */
export const PROXY_PASSWORD = 'in its password write # as %23, % as %25, @ as %40 and / as %2F';

/**
 * Whether this is the URL of an HTTP proxy, and nothing in it belongs elsewhere: a raw `#`, `/` or `?` in the password
 * would cut off the rest.
 */
export const isProxyUrl = (value: string): boolean =>
  isUrl(value, ({ protocol, username, password, hash, search, pathname }) => {
    try {
      decodeURIComponent(username);
      decodeURIComponent(password);
    } catch {
      return false;
    }
    return /^https?:$/.test(protocol) && hash === '' && search === '' && pathname === '/';
  });

const outboundProxy = v.pipe(
  text,
  v.check(
    (value) => value === '' || isProxyUrl(value),
    english('empty, or the URL of an HTTP proxy such as http://proxy.example:3128 ({password})', {
      password: PROXY_PASSWORD,
    }),
  ),
);

/** An address, or a network in CIDR. */
const addresses = v.pipe(
  text,
  v.check((value) => {
    const [address = '', bits = '0', ...more] = value.split('/');
    const most = { 0: -1, 4: 32, 6: 128 }[isIP(address)] ?? -1;
    return more.length === 0 && /^\d{1,3}$/.test(bits) && Number(bits) <= most;
  }, allowed('an address such as 127.0.0.1, or a network such as 10.0.0.0/8')),
);

/** Scheme, host and port of a web page, as browsers write them into the Origin header. */
const origin = v.pipe(
  text,
  v.regex(
    /^[A-Za-z][A-Za-z0-9+.-]*:\/\/[^\s/?#*@]+$/,
    allowed('an origin such as https://app.example:8443, without a path and without *'),
  ),
);

const protocol = oneOf('gemini', 'anthropic', 'openai');

/** Whether valibot leaves a key of this name out without an error. */
export const takenName = (name: string): boolean => ['__proto__', 'prototype', 'constructor'].includes(name);

/** @param what - what has those names: `clients` */
const noTakenName = (what: string) =>
  v.check<JsonObject, string>(
    (named) => !Object.keys(named).some(takenName),
    english('{what} of other names than __proto__, prototype, constructor', { what }),
  );

const names = v.pipe(inBraces, noTakenName('aliases'), v.record(text, text));

const CLIENT_NAME = /^[a-z0-9-]+$/;

const clients = v.pipe(
  inBraces,
  noTakenName('clients'),
  v.record(
    v.pipe(text, v.regex(CLIENT_NAME, allowed('clients named with a-z, 0-9 and -'))),
    section({ id: v.optional(text, ''), secret: v.optional(text, '') }),
  ),
);

const LONGEST_CLIENT = 512;
const looksLikeSecret = (value: string): boolean => value.startsWith('GOCSPX-');
const looksLikeId = (value: string): boolean => value.endsWith('.apps.googleusercontent.com');
/**
 * A check that fails for a value that plainly belongs into another field, judged by how it looks; the message never
 * shows the value.
 */
const notWhere = (test: (value: string) => boolean, message: PlainSentence) =>
  v.check<string, string>((value) => !test(value), message);

/**
 * An OAuth client as somebody typed it. The file is read more leniently, since ids and secrets of servers other than
 * Google's look different.
 */
export const GivenClientSchema = v.object({
  name: v.pipe(text, v.regex(CLIENT_NAME, allowed('the name of an OAuth client has only a-z, 0-9 and - in it'))),
  id: v.pipe(
    text,
    v.nonEmpty(allowed('the client id is missing: it ends in .apps.googleusercontent.com')),
    notWhere(looksLikeSecret, 'that is a client secret (GOCSPX-…); the id ends in .apps.googleusercontent.com'),
    notWhere((value) => value.startsWith('1//'), 'that is a refresh token; the client id comes first'),
    notWhere((value) => value.includes('@'), 'that is an e-mail address; the id ends in .apps.googleusercontent.com'),
    v.regex(/^[!-~]*$/, allowed('a client id has no blanks and no other characters than ASCII in it')),
    v.maxLength(LONGEST_CLIENT, `a client id has at most ${LONGEST_CLIENT} characters`),
  ),
  secret: v.pipe(
    text,
    notWhere(looksLikeId, 'that is the client id once more; the secret starts with GOCSPX-'),
    v.regex(/^[!-~]*$/, allowed('a client secret has no blanks and no other characters than ASCII in it')),
    v.maxLength(LONGEST_CLIENT, `a client secret has at most ${LONGEST_CLIENT} characters`),
  ),
});
export type GivenClient = v.InferOutput<typeof GivenClientSchema>;

/** Every setting with what is allowed in it. Unknown keys pass, so that another version's settings survive. */
export const SettingsSchema = section({
  proxy: section({
    host: v.pipe(text, v.minLength(1, allowed('an address or host name'))),
    port: whole(0, 65_535),
    authMode: oneOf('off', 'strict', 'all_except_health', 'auto'),
    apiKey: text,
    allowedHosts: texts,
    corsOrigins: v.array(origin, allowed('a list of origins')),
    trustedProxies: v.array(addresses, allowed('a list of addresses')),
    maxRequestBytes: whole(1, Number.MAX_SAFE_INTEGER),
    replayBytes: whole(0, 1_073_741_824),
    maxTries: whole(1, 100),
  }),
  oauth: section({
    clients,
    defaultClient: text,
    authUrl: webUrl,
    tokenUrl: secretUrl,
    userInfoUrl: secretUrl,
    scopes: texts,
    refreshAheadSeconds: whole(0, 86_400),
    timeoutMs: whole(1, 60_000),
    exchangesPerSecond: whole(1, 1_000),
  }),
  upstream: section({
    kind: oneOf('gemini', 'cloudcode'),
    onboard: trueOrFalse,
    connectionCheckSeconds: whole(1, 3_600),
    baseUrls: v.pipe(v.array(webUrl, allowed('a list of URLs')), v.minLength(1, allowed('at least one URL'))),
  }),
  network: section({ proxy: outboundProxy, noProxy: text }),
  usage: section({ keepDays: whole(1, 36_500) }),
  notify: section({
    command: text,
    url: maybeWebUrl,
    format: oneOf('json', 'text', 'slack', 'discord', 'telegram', 'ntfy', 'feishu'),
    chatId: text,
    poolBelow: whole(0, 1_000_000),
  }),
  accounts: v.pipe(
    inBraces,
    noTakenName('accounts'),
    v.record(
      text,
      section({
        priority: v.optional(v.pipe(v.number(allowed('a whole number')), v.integer(allowed('a whole number'))), 0),
        maxInFlight: v.optional(whole(0, 1_000_000), 0),
        label: v.optional(text, ''),
      }),
    ),
  ),
  pool: section({
    strategy: oneOf('round-robin', 'least-busy', 'fill-first'),
    stickySeconds: whole(0, 86_400),
    waitSeconds: whole(0, 120),
  }),
  models: section({ aliases: names, hidden: texts }),
  protocols: section({
    enabled: v.array(protocol, allowed('a list of protocols')),
    searchBesideTools: oneOf('refuse', 'drop'),
  }),
  quotaProtection: section({ enabled: trueOrFalse, thresholdPercent: whole(0, 100), models: texts }),
  database: DatabaseSection,
  log: section({ level: oneOf('trace', 'debug', 'info', 'warn', 'error'), files: texts }),
  ui: section({
    theme: oneOf('auto', 'dark', 'light'),
    glyphs: oneOf('auto', 'unicode', 'ascii'),
    language: oneOf('auto', ...languages),
    flash: trueOrFalse,
    bell: trueOrFalse,
    mouse: trueOrFalse,
  }),
});

/** Every setting, all present. */
export type Settings = v.InferOutput<typeof SettingsSchema>;

/** The value of every setting that neither the file nor the environment sets. Merged in memory, never written back. */
export const defaultSettings: Settings = {
  proxy: {
    host: '127.0.0.1',
    port: 8045,
    authMode: 'all_except_health',
    apiKey: '',
    allowedHosts: [],
    corsOrigins: [],
    trustedProxies: [],
    maxRequestBytes: 104_857_600,
    replayBytes: 8_388_608,
    maxTries: 3,
  },
  oauth: {
    clients: { default: { id: '', secret: '' } },
    defaultClient: 'default',
    authUrl: 'https://accounts.google.com/o/oauth2/v2/auth',
    tokenUrl: 'https://oauth2.googleapis.com/token',
    userInfoUrl: 'https://openidconnect.googleapis.com/v1/userinfo',
    scopes: [
      'openid',
      'email',
      'profile',
      'https://www.googleapis.com/auth/cloud-platform',
      'https://www.googleapis.com/auth/generative-language.retriever',
    ],
    refreshAheadSeconds: 300,
    timeoutMs: 15_000,
    exchangesPerSecond: 5,
  },
  upstream: {
    kind: 'gemini',
    onboard: true,
    connectionCheckSeconds: 15,
    baseUrls: ['https://generativelanguage.googleapis.com'],
  },
  network: { proxy: '', noProxy: '' },
  usage: { keepDays: 400 },
  notify: { command: '', url: '', format: 'json', chatId: '', poolBelow: 0 },
  accounts: {},
  pool: { strategy: 'round-robin', stickySeconds: 0, waitSeconds: 10 },
  models: { aliases: {}, hidden: [] },
  protocols: { enabled: ['gemini', 'anthropic', 'openai'], searchBesideTools: 'refuse' },
  quotaProtection: { enabled: false, thresholdPercent: 10, models: [] },
  database: { url: '', key: '', oldKeys: [], schema: 'regrant', box: '' },
  log: { level: 'info', files: [] },
  ui: { theme: 'auto', glyphs: 'auto', language: 'auto', flash: true, bell: false, mouse: false },
};
