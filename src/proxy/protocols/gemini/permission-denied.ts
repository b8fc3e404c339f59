import type { Forbidden } from '../../pool/denials.js';
import { type ErrorDetail, type GoogleError, googleErrorOf } from './errors.js';

/** What an API is called in words, and the scope that it asks for. */
interface Service {
  readonly title: string;
  readonly scope: string;
}

const GEMINI = 'generativelanguage.googleapis.com';
const gemini: Service = { title: 'Generative Language API', scope: 'a Gemini scope (generative-language)' };
const codeAssist: Service = { title: 'Gemini for Google Cloud API', scope: 'the cloud-platform scope' };

const services: Readonly<Record<string, Service>> = {
  [GEMINI]: gemini,
  'cloudaicompanion.googleapis.com': codeAssist,
  'cloudcode-pa.googleapis.com': codeAssist,
  'daily-cloudcode-pa.googleapis.com': codeAssist,
};

/** A reason of Google's ErrorInfo: whom it is about, and what it means for the operator. */
interface Meaning {
  readonly kind: 'suspended' | 'account' | 'project';
  readonly words: (service: Service, metadata: ErrorDetail['metadata']) => string;
}

/** Each holds for every request of the account, or of its quota project. */
const meanings: Readonly<Record<string, Meaning>> = {
  ACCESS_TOKEN_SCOPE_INSUFFICIENT: {
    kind: 'account',
    words: ({ scope }) => `the token lacks ${scope}; log in again with it`,
  },
  SERVICE_DISABLED: {
    kind: 'project',
    words: ({ title }) => `the ${title} is not enabled in the quota project; enable it in the Cloud console`,
  },
  CONSUMER_INVALID: {
    kind: 'project',
    words: () => 'the quota project does not exist or is not open to this account; set token.project_id',
  },
  USER_PROJECT_DENIED: {
    kind: 'account',
    words: () => 'the account may not use its quota project; grant it Service Usage Consumer there',
  },
  // Of Code Assist; github.com/google-gemini/gemini-cli has its `appeal_url`.
  TOS_VIOLATION: {
    kind: 'suspended',
    words: (_service, { appeal_url: url = '' }) =>
      `Google has closed the service to this account over its terms of service; appeal${isLink(url) ? ` at ${url}` : ' to Google'}`,
  },
};

const LONGEST_WORDS = 200;

const isLink = (text: string): boolean => text.startsWith('https://');

/** Reads the body of a 403. */
export function forbiddenOf(body: string): Forbidden {
  const error = googleErrorOf(body);
  if (error === null) return { kind: 'other', reason: 'forbidden', url: null };
  const words = error.message.slice(0, LONGEST_WORDS);
  if (error.details.some(({ reason }) => reason === 'VALIDATION_REQUIRED')) {
    const urls = error.details.flatMap(({ metadata, links }) => [metadata.validation_url ?? '', ...links.map(urlOf)]);
    const url = urls.find(isLink) ?? null;
    return { kind: 'validation', reason: words === '' ? 'Google asks a human to verify the account' : words, url };
  }
  const lack = lackOf(error);
  if (lack !== null) return { ...lack, url: null };
  return { kind: 'other', reason: words === '' ? 'forbidden' : `forbidden: ${words}`, url: null };
}

/** What the account or its quota project lacks, where the error says so; null: it says nothing of the kind. */
export function lackOf({ details }: GoogleError): Pick<Forbidden, 'kind' | 'reason'> | null {
  for (const detail of details) {
    const meaning = meanings[detail.reason];
    if (meaning !== undefined) return { kind: meaning.kind, reason: meaning.words(serviceOf(detail), detail.metadata) };
  }
  return null;
}

function serviceOf({ metadata }: ErrorDetail): Service {
  const name = metadata.service ?? GEMINI;
  const title = metadata.serviceTitle ?? name;
  return (
    services[name] ?? { title: title.slice(0, LONGEST_WORDS), scope: `a scope of ${name.slice(0, LONGEST_WORDS)}` }
  );
}

const urlOf = ({ url }: { readonly url: string }): string => url;
