import type { Account } from '../../store/accounts/account.js';
import { reasonOf } from '../../store/ground/errors.js';
import type { Settings } from '../../store/settings/settings.js';
import { verdictOf } from '../answers/judge.js';
import { answerCauses } from '../contract/answer-causes.js';
import { Origins } from '../transport/origins.js';
import { wholeText } from '../transport/whole-text.js';
import type { OutboundProxy } from '../transport/outbound.js';
import { upstreams } from './kinds.js';
import { redact } from '../../store/ground/redact.js';
import { english } from '../../store/words/saying.js';
import type { PlainSentence } from '../../store/words/tongue.js';

const PROBE_TIMEOUT_MS = 10_000;

/** The result of one free call, in one line. */
export interface ProbeResult {
  readonly ok: boolean;
  readonly text: string;
}

/** The configured upstream, and the outbound proxy on the way to it. */
export interface ProbeTarget {
  readonly upstream: Settings['upstream'];
  readonly outbound: OutboundProxy;
}

/**
 * A request for the list of models: free, and it needs the scope, the API and the quota project that real requests
 * need.
 */
const LIST_MODELS = { method: 'GET', target: '/v1beta/models?pageSize=1', headers: [], model: '', call: '' };

/** Lists the models once with an account's token, in the way that its requests will go. Never throws. */
export async function probeUpstream({ upstream, outbound }: ProbeTarget, account: Account): Promise<ProbeResult> {
  const timeouts = { connectMs: PROBE_TIMEOUT_MS, firstByteMs: PROBE_TIMEOUT_MS, idleMs: PROBE_TIMEOUT_MS };
  const origins = new Origins(upstream.baseUrls.slice(0, 1), timeouts, outbound);
  try {
    for (const { dispatcher, prefix } of origins.list) {
      const { envelope, ...outgoing } = upstreams[upstream.kind].outgoing(LIST_MODELS, account, prefix);
      const response = await dispatcher.request({
        ...outgoing,
        method: outgoing.method,
        headers: [...outgoing.headers],
        body: envelope?.before ?? null,
        headersTimeout: PROBE_TIMEOUT_MS,
        bodyTimeout: PROBE_TIMEOUT_MS,
        signal: AbortSignal.timeout(2 * PROBE_TIMEOUT_MS),
      });
      const body = await wholeText(response.body);
      if (response.statusCode === 200) return { ok: true, text: english('models list {status}', { status: 200 }) };
      return { ok: false, text: meaning(response.statusCode, body, upstream, account) };
    }
    return { ok: false, text: english('no base URL') };
  } catch (error) {
    return { ok: false, text: english('the upstream did not answer: {why}', { why: reasonOf(error) }) };
  } finally {
    await origins.destroy();
  }
}

/** The scope that each kind of upstream needs. */
const lackOf: Readonly<Record<Settings['upstream']['kind'], PlainSentence>> = {
  gemini: 'the token lacks a Gemini scope (generative-language)',
  cloudcode: 'the token lacks the cloud-platform scope',
};

function meaning(status: number, body: string, { kind }: Settings['upstream'], account: Account): string {
  const asked = { upstream: kind, subject: { model: '', group: 'other' }, ofModel: false, ofStored: false } as const;
  const { cause, proof, words } = verdictOf({ status, body, retryAfter: null }, asked, 0);
  if (words === '') return english('the upstream answered {status}', { status });
  const said = redact(words, [account.accessToken, account.refreshToken]).slice(0, 200);
  if (status === 403 && cause !== null && (proof === 'none' || cause === 'scope')) {
    const { short, next } = answerCauses[cause];
    return `${status}: ${cause === 'scope' ? lackOf[kind] : short}: ${said}; ${next}`;
  }
  const project =
    status === 403 && account.projectId === null ? `; ${english('the account file has no token.project_id')}` : '';
  return `${status}: ${said}${project}`;
}
