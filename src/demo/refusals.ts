/**
 * Google's refusals, word for word: the token endpoint's (RFC 6749 §5.2 objects) and the APIs' (google.rpc.Status).
 * regrant's decisions depend on these shapes, so a simulation with invented ones would prove nothing.
 */
import { type WholeAnswer, html, jsonReply } from './reply.js';

const service = 'generativelanguage.googleapis.com';
const serviceTitle = 'Generative Language API';

const tokenHeaders = { 'cache-control': 'no-cache, no-store, max-age=0, must-revalidate', pragma: 'no-cache' };

/** A refusal of the token endpoint: flat, unlike an API's. */
export function tokenError(status: number, error: string, description?: string, subtype?: string): WholeAnswer {
  const words = {
    error,
    ...(description && { error_description: description }),
    ...(subtype && { error_subtype: subtype }),
  };
  return jsonReply(status, words, tokenHeaders);
}

export const revokedDescription = 'Token has been expired or revoked.';

export const invalidGrant = (description: string = revokedDescription, subtype?: string): WholeAnswer =>
  tokenError(400, 'invalid_grant', description, subtype);
export const clientNotFound = (): WholeAnswer => tokenError(401, 'invalid_client', 'The OAuth client was not found.');
export const clientSecretWrong = (): WholeAnswer =>
  tokenError(401, 'invalid_client', 'The provided client secret is invalid.');
export const clientMismatch = (): WholeAnswer => tokenError(401, 'unauthorized_client', 'Unauthorized');
export const parameterMissing = (name: string): WholeAnswer =>
  tokenError(400, 'invalid_request', `Missing required parameter: ${name}`);
export const grantTypeUnknown = (name: string): WholeAnswer =>
  tokenError(400, 'unsupported_grant_type', `Invalid grant_type: ${name}`);
export const redirectMismatch = (): WholeAnswer => tokenError(400, 'redirect_uri_mismatch', 'Bad Request');
/** The refusal for a rule of a Workspace administrator. */
export const adminPolicy = (): WholeAnswer =>
  tokenError(400, 'admin_policy_enforced', 'Access to this app is blocked.');
/** The refusal when the token endpoint's own rate limit is reached. */
export const tokenRateLimited = (retryAfterSeconds?: number): WholeAnswer => ({
  ...tokenError(429, 'rate_limit_exceeded', 'Rate limit exceeded.'),
  headers: { ...tokenHeaders, ...(retryAfterSeconds !== undefined && { 'retry-after': String(retryAfterSeconds) }) },
});
/** The answer of a front end in trouble: HTML, no JSON. */
export const badGateway = (): WholeAnswer =>
  html(
    502,
    '<!DOCTYPE html>\n<html lang=en><title>Error 502 (Server Error)!!1</title>\n<p><b>502.</b> <ins>That’s an error.</ins>' +
      '<p>The server encountered a temporary error and could not complete your request.<p>Please try again in 30 seconds.' +
      '  <ins>That’s all we know.</ins>\n',
  );

/** The refusal of the userinfo endpoint, in the form of OAuth, not google.rpc. */
export const userInfoRefused = (): WholeAnswer => ({
  ...tokenError(401, 'invalid_request', 'Invalid Credentials'),
  headers: { 'www-authenticate': 'Bearer realm="https://accounts.google.com/", error="invalid_token"' },
});

/** An API's refusal. */
export const apiError = (
  code: number,
  status: string,
  message: string,
  details: readonly unknown[] = [],
): WholeAnswer => jsonReply(code, { error: { code, message, status, ...(details.length > 0 && { details }) } });

const errorInfo = (reason: string, metadata: Record<string, string>): unknown => ({
  '@type': 'type.googleapis.com/google.rpc.ErrorInfo',
  reason,
  domain: 'googleapis.com',
  metadata,
});
const help = (description: string, url: string): unknown => ({
  '@type': 'type.googleapis.com/google.rpc.Help',
  links: [{ description, url }],
});

/** The refusal of an access token that is unknown or expired. */
export const unauthenticated = (method: string): WholeAnswer => ({
  ...apiError(
    401,
    'UNAUTHENTICATED',
    'Request had invalid authentication credentials. Expected OAuth 2 access token, login cookie or other valid' +
      ' authentication credential. See https://developers.google.com/identity/sign-in/web/devconsole-project.',
    [errorInfo('ACCESS_TOKEN_EXPIRED', { method, service })],
  ),
  headers: { 'www-authenticate': 'Bearer realm="https://accounts.google.com/", error="invalid_token"' },
});

/** The refusal of a request with neither an access token nor an API key. */
export const unregisteredCaller = (): WholeAnswer =>
  apiError(
    403,
    'PERMISSION_DENIED',
    "Method doesn't allow unregistered callers (callers without established identity). Please use API Key or other form" +
      ' of API consumer identity to call this API.',
  );

/** The refusal of an access token without the scope that the call needs. */
export const scopeInsufficient = (method: string): WholeAnswer => ({
  ...apiError(403, 'PERMISSION_DENIED', 'Request had insufficient authentication scopes.', [
    errorInfo('ACCESS_TOKEN_SCOPE_INSUFFICIENT', { method, service }),
  ]),
  headers: { 'www-authenticate': 'Bearer realm="https://accounts.google.com/", error="insufficient_scope"' },
});

/**
 * The refusal where no project is named: a user's credentials belong to none, so `x-goog-user-project` has to say whose
 * quota is used.
 */
export function quotaProjectMissing(): WholeAnswer {
  const consumer = 'projects/764086051850';
  return apiError(
    403,
    'PERMISSION_DENIED',
    `Your application is authenticating by using local Application Default Credentials. The ${service} API requires a` +
      ' quota project, which is not set by default. To learn how to set your quota project, see' +
      ' https://cloud.google.com/docs/authentication/adc-troubleshooting/user-creds .',
    [errorInfo('SERVICE_DISABLED', { service, serviceTitle, consumer, containerInfo: '764086051850' })],
  );
}

export interface QuotaExceeded {
  readonly model: string;
  /** `RetryInfo.retryDelay`, may be fractional; left out where it is not given. */
  readonly retryDelaySeconds?: number;
  /** Which limit was reached. */
  readonly per?: 'minute' | 'day';
}

/** The refusal when the quota of a project for this model is used up. */
export function quotaExceeded({ model, retryDelaySeconds, per = 'minute' }: QuotaExceeded): WholeAnswer {
  const limits = 'https://ai.google.dev/gemini-api/docs/rate-limits';
  const violation = {
    quotaMetric: `${service}/generate_content_free_tier_requests`,
    quotaId: `GenerateRequestsPer${per === 'day' ? 'Day' : 'Minute'}PerProjectPerModel-FreeTier`,
    quotaDimensions: { location: 'global', model },
    quotaValue: per === 'day' ? '250' : '10',
  };
  return apiError(
    429,
    'RESOURCE_EXHAUSTED',
    'You exceeded your current quota, please check your plan and billing details. For more information on this error,' +
      ` head to: ${limits}.`,
    [
      { '@type': 'type.googleapis.com/google.rpc.QuotaFailure', violations: [violation] },
      help('Learn more about Gemini API quotas', limits),
      ...(retryDelaySeconds === undefined
        ? []
        : [{ '@type': 'type.googleapis.com/google.rpc.RetryInfo', retryDelay: `${retryDelaySeconds}s` }]),
    ],
  );
}

/** The refusal when the model lacks capacity: no account is at fault, and no quota is used up. */
export const modelAtCapacity = (model: string): WholeAnswer =>
  apiError(429, 'RESOURCE_EXHAUSTED', `No capacity available for model ${model} on the server`, [
    errorInfo('MODEL_CAPACITY_EXHAUSTED', { model }),
  ]);

/** The refusal when Google has closed the service to the account. */
export const termsViolated = (): WholeAnswer =>
  apiError(
    403,
    'PERMISSION_DENIED',
    'Gemini has been disabled in this account for violation of Terms of\n\t\tService.',
    [errorInfo('TOS_VIOLATION', {})],
  );

export const overloaded = (): WholeAnswer =>
  apiError(503, 'UNAVAILABLE', 'The model is overloaded. Please try again later.');

export const modelNotFound = (model: string, verb: string): WholeAnswer =>
  apiError(
    404,
    'NOT_FOUND',
    `models/${model} is not found for API version v1beta, or is not supported for ${verb}. Call ListModels to see the` +
      ' list of available models and their supported methods.',
  );

export const invalidArgument = (message: string): WholeAnswer => apiError(400, 'INVALID_ARGUMENT', message);

/** The answer to a path that no API has: HTML, from the front end. */
export const pathNotFound = (path: string): WholeAnswer =>
  html(
    404,
    `<!DOCTYPE html>\n<html lang=en><title>Error 404 (Not Found)!!1</title>\n<p><b>404.</b> <ins>That’s an error.</ins>` +
      `<p>The requested URL <code>${path.replaceAll(/[<>&"]/g, '')}</code> was not found on this server.` +
      '  <ins>That’s all we know.</ins>\n',
  );
