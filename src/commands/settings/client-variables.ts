/** Clients that can be told where the proxy is, by the name that `--for` takes. */
export const clientNames = ['gemini', 'claude', 'codex', 'opencode', 'openai'] as const;
export type ClientName = (typeof clientNames)[number];

/** Where the proxy is, and what it lets a client in for. */
export interface Entrance {
  /** Without a slash at its end. */
  readonly url: string;
  readonly key: string;
}

/** What a client is set up with: its environment, and what has to stand in a file of its own. */
interface SetUp {
  readonly variables: readonly (readonly [name: string, value: string])[];
  readonly settings: readonly string[];
}

/** A name that no client reads unless it is told to: theirs may hold a key of the client's maker. */
const KEY_VARIABLE = 'REGRANT_API_KEY';

const SET_UPS: Readonly<Record<ClientName, (entrance: Entrance) => SetUp>> = {
  gemini: ({ url, key }) => onlyVariables(['GEMINI_API_KEY', key], ['GOOGLE_GEMINI_BASE_URL', url]),
  claude: ({ url, key }) => onlyVariables(['ANTHROPIC_AUTH_TOKEN', key], ['ANTHROPIC_BASE_URL', url]),
  openai: ({ url, key }) => onlyVariables(['OPENAI_API_KEY', key], ['OPENAI_BASE_URL', `${url}/v1`]),
  codex: ({ url, key }) => ({ variables: [[KEY_VARIABLE, key]], settings: codexSettings(`${url}/v1`) }),
  opencode: ({ url, key }) => ({ variables: [[KEY_VARIABLE, key]], settings: opencodeSettings(`${url}/v1`) }),
};

const onlyVariables = (...variables: SetUp['variables'][number][]): SetUp => ({ variables, settings: [] });

const codexSettings = (baseUrl: string): string[] => [
  'In ~/.codex/config.toml:',
  'model = "gemini-3-pro"',
  'model_provider = "regrant"',
  '[model_providers.regrant]',
  'name = "regrant"',
  `base_url = ${JSON.stringify(baseUrl)}`,
  `env_key = "${KEY_VARIABLE}"`,
  'wire_api = "responses"',
];

const opencodeSettings = (baseURL: string): string[] => {
  const options = { baseURL, apiKey: `{env:${KEY_VARIABLE}}` };
  const provider = { npm: '@ai-sdk/openai-compatible', name: 'regrant', options, models: { 'gemini-3-pro': {} } };
  return [
    'In ~/.config/opencode/opencode.json:',
    ...JSON.stringify({ provider: { regrant: provider } }, null, 2).split('\n'),
  ];
};

/** Lines for a POSIX shell that point a client at the proxy; what its settings file has to say stands in comments. */
export function clientLines(client: ClientName, entrance: Entrance): string[] {
  const { variables, settings } = SET_UPS[client](entrance);
  return [
    ...variables.map(([name, value]) => `export ${name}=${quoted(value)}`),
    ...settings.map((line) => `# ${line}`),
  ];
}

/** One word for any POSIX shell. */
const quoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;
