import { type GeminiScript, type GeminiServer, withGeminiServer } from './gemini-server.js';
import { type House, type HouseOptions, withHouse } from './house.js';

export interface TranslatedHouse {
  readonly house: House;
  readonly gemini: GeminiServer;
  /** Where clients find the proxy, without a slash at its end. */
  readonly url: string;
}

const ANNA = { id: 'a1', email: 'anna@example.com', refreshToken: '1//0token-of-anna' };

/**
 * The whole program in front of a strict Gemini, with one account; all models of OpenAI and Anthropic are aliases of
 * one of Gemini's.
 */
export const withTranslatedHouse = (
  script: GeminiScript,
  use: (given: TranslatedHouse) => Promise<void>,
  { accounts = [ANNA], settings = {} }: { accounts?: (typeof ANNA)[] } & Pick<HouseOptions, 'settings'> = {},
): Promise<void> =>
  withGeminiServer(script, (gemini) =>
    withHouse(
      {
        accounts,
        prepare: (google) => {
          for (const { email, refreshToken } of accounts) google.grant(refreshToken, { email });
        },
        settings: {
          upstream: { baseUrls: [gemini.url] },
          models: {
            aliases: {
              'gpt-*': 'gemini-3-pro',
              'claude-*': 'gemini-3-pro',
              'text-embedding-*': 'gemini-embedding-001',
            },
          },
          ...settings,
        },
      },
      (house) => use({ house, gemini, url: `http://${house.supervisor.address}` }),
    ),
  );
