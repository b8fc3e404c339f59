/** Clients that can be set up for the proxy, by the names that `--for` takes. */
export const clientNames = ['gemini', 'claude', 'codex', 'opencode', 'openai'] as const;
export type ClientName = (typeof clientNames)[number];

/** The proxy's URL, and the key that it lets a client in with. */
export interface Entrance {
  /** Without a slash at its end. */
  readonly url: string;
  readonly key: string;
}

/** How a client is set up: its environment variables, and the content of a settings file of its own. */
interface SetUp {
  readonly variables: readonly (readonly [name: string, value: string])[];
  readonly settings: readonly string[];
}

/** A name that no client reads by itself: the usual ones may hold a key of the client's maker. */
const KEY_VARIABLE = 'REGRANT_API_KEY';

const SET_UPS: Readonly<Record<ClientName, (entrance: Entrance) => SetUp>> = {
  gemini: ({ url, key }) => onlyVariables(['GEMINI_API_KEY', key], ['GOOGLE_GEMINI_BASE_URL', url]),
  claude: ({ url, key }) => onlyVariables(['ANTHROPIC_AUTH_TOKEN', key], ['ANTHROPIC_BASE_URL', url]),
  openai: ({ url, key }) => onlyVariables(['OPENAI_API_KEY', key], ['OPENAI_BASE_URL', `${url}/v1`]),
  codex: ({ url, key }) => ({ variables: [[KEY_VARIABLE, key]], settings: codexSettings(`${url}/v1`) }),
  opencode: ({ url, key }) => ({ variables: [[KEY_VARIABLE, key]], settings: opencodeSettings(`${url}/v1`) }),
};

const onlyVariables = (...variables: SetUp['variables'][number][]): SetUp => ({ variables, settings: [] });

/**
 * Codex by itself asks 30 times, half a minute long, before it shows an error; but regrant has tried every account
 * already. One try is left to it for a stream that was cut.
 */
const CODEX_RETRIES = ['request_max_retries = 0', 'stream_max_retries = 1'];

const codexSettings = (baseUrl: string): string[] => [
  'In ~/.codex/config.toml:',
  'model = "gemini-3-pro"',
  'model_provider = "regrant"',
  '[model_providers.regrant]',
  'name = "regrant"',
  `base_url = ${JSON.stringify(baseUrl)}`,
  `env_key = "${KEY_VARIABLE}"`,
  'wire_api = "responses"',
  ...CODEX_RETRIES,
];

const opencodeSettings = (baseURL: string): string[] => {
  const options = { baseURL, apiKey: `{env:${KEY_VARIABLE}}` };
  const provider = { npm: '@ai-sdk/openai-compatible', name: 'regrant', options, models: { 'gemini-3-pro': {} } };
  return [
    'In ~/.config/opencode/opencode.json:',
    ...JSON.stringify({ provider: { regrant: provider } }, null, 2).split('\n'),
  ];
};

/** Lines for a POSIX shell that set a client up for the proxy; what its settings file has to have is in comments. */
export function clientLines(client: ClientName, entrance: Entrance): string[] {
  const { variables, settings } = SET_UPS[client](entrance);
  return [
    ...variables.map(([name, value]) => `export ${name}=${quoted(value)}`),
    ...settings.map((line) => `# ${line}`),
  ];
}

/** One word for any POSIX shell. */
const quoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;
