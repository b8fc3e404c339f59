/** Google's own SDK, unmodified, in a Live session: sound, tools, going on with a handle, an account that dies meanwhile. */
import {
  FunctionResponse,
  GoogleGenAI,
  LiveSendToolResponseParameters,
  type LiveConnectConfig,
  type LiveServerMessage,
  Modality,
  type Session,
  Type,
} from '@google/genai';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { API_KEY, withHouse, type House } from '../../support/house.js';
import { type LiveService, withLiveService } from '../../support/live.js';
import { withModel } from '../../support/live-model.js';
import { pause } from '../../support/pause.js';

const grantOf = (id: string): string => `1//0grant-of-${id}-abc`;
const model = 'gemini-live-2.5';

/** The whole program with these accounts, in front of a Live service that takes no access token of a dead grant. */
const withTalks = (ids: readonly string[], use: (talks: Talks) => Promise<void>): Promise<void> =>
  withLiveService(async (service) => {
    withModel(service);
    await withHouse(
      {
        accounts: ids.map((id) => ({ id, email: `${id}@example.com`, refreshToken: grantOf(id) })),
        settings: { upstream: { kind: 'gemini', baseUrls: [service.url] } },
        prepare: (google) => {
          for (const id of ids) google.grant(grantOf(id), { email: `${id}@example.com` });
        },
      },
      (house) => use(new Talks(house, service)),
    );
  });

interface Asking {
  readonly key?: string;
  readonly headers?: Record<string, string>;
}

/** The Live sessions of one house. */
class Talks {
  constructor(
    readonly house: House,
    private readonly service: LiveService,
  ) {}

  /** The account whose quota project each upgrade named that was asked for, in turn. */
  get asked(): readonly string[] {
    return this.service.asked.map(({ headers }) => String(headers['x-goog-user-project']).replace('project-', ''));
  }

  /** The account's grant is withdrawn, and with it its access tokens. */
  dies(id: string): void {
    this.house.google.revoke(grantOf(id));
    this.service.refuses = ({ headers }) =>
      headers['x-goog-user-project'] === `project-${id}` ? { status: 401, body: UNAUTHENTICATED } : null;
  }

  async begin(config: LiveConnectConfig, { key = API_KEY, headers = {} }: Asking = {}): Promise<Talk> {
    const baseUrl = `http://${this.house.supervisor.address}`;
    const sdk = new GoogleGenAI({ apiKey: key, httpOptions: { baseUrl, headers } });
    const talk = new Talk();
    const callbacks = { onmessage: (message: LiveServerMessage) => talk.hears(message) };
    talk.session = await sdk.live.connect({ model, config, callbacks });
    return talk;
  }
}

const UNAUTHENTICATED = JSON.stringify({ error: { code: 401, status: 'UNAUTHENTICATED', message: 'no' } });

/** A session of the SDK, and what came on it. */
class Talk {
  session!: Session;
  private heard: LiveServerMessage[] = [];
  private watch: () => void = () => undefined;

  hears(message: LiveServerMessage): void {
    this.heard.push(message);
    this.watch();
  }

  /** Says something; resolves with what came, once there is a message that `ends`. */
  async until(ends: (message: LiveServerMessage) => boolean, say: () => void): Promise<readonly LiveServerMessage[]> {
    say();
    while (!this.heard.some(ends)) await new Promise<void>((resolve) => (this.watch = resolve));
    return this.heard.splice(0);
  }

  /** A turn with a tool: how many turns the model knows of before it, what it said in the end, the handle after it. */
  async turn(): Promise<{ before: unknown; said: string; handle: string }> {
    const asked = await this.until(
      ({ toolCall }) => toolCall !== undefined,
      () => this.session.sendClientContent({ turns: 'What is the weather in Bern?', turnComplete: true }),
    );
    const [call] = asked.at(-1)?.toolCall?.functionCalls ?? [];
    assert.is(call?.name, 'weather');
    const response = { id: call?.id, name: call?.name, response: { output: 'rain' } };
    const functionResponses = Object.assign(new FunctionResponse(), response);
    const answered = Object.assign(new LiveSendToolResponseParameters(), { functionResponses });
    const answer = await this.until(isOver, () => this.session.sendToolResponse(answered));
    return {
      before: call?.args?.turnsBefore,
      said: answer.map(({ text }) => text ?? '').join(''),
      handle: handleIn(answer),
    };
  }
}

const isOver = ({ serverContent }: LiveServerMessage): boolean => serverContent?.turnComplete === true;
const handleIn = (turn: readonly LiveServerMessage[]): string =>
  turn.map(({ sessionResumptionUpdate }) => sessionResumptionUpdate?.newHandle ?? '').join('');

const talking: LiveConnectConfig = {
  responseModalities: [Modality.TEXT],
  tools: [{ functionDeclarations: [{ name: 'weather', parameters: { type: Type.OBJECT } }] }],
};
const resuming = (handle?: string): LiveConnectConfig => ({ ...talking, sessionResumption: { handle } });

test('sound goes to the model and comes back, each byte of it, and its tokens are counted', () =>
  withTalks(['a1'], async (talks) => {
    const talk = await talks.begin({ responseModalities: [Modality.AUDIO] });
    const sound = Buffer.from(Uint8Array.from({ length: 64_000 }, (_, at) => (at * 31) % 251));
    const heard = await talk.until(isOver, () => {
      for (let at = 0; at < sound.length; at += 3_200) {
        const data = sound.subarray(at, at + 3_200).toString('base64');
        talk.session.sendRealtimeInput({ audio: { data, mimeType: 'audio/pcm;rate=16000' } });
      }
      talk.session.sendRealtimeInput({ audioStreamEnd: true });
    });
    const back = heard.map(({ data }) => Buffer.from(data ?? '', 'base64'));
    assert.ok(Buffer.concat(back).equals(sound), `${back.length} messages`);
    const { rows } = await talks.house.supervisor.operations.flight();
    assert.equal([rows.length, rows[0]?.kind, rows[0]?.model], [1, 'live', model]);
    talk.session.close();
    await talks.house.until(() => talks.house.supervisor.inFlight() === 0);
  }));

test('a tool is called and answered, and a second session goes on with the handle of the first', () =>
  withTalks(['a1'], async (talks) => {
    const first = await talks.begin(resuming());
    const turns = [await first.turn(), await first.turn()];
    assert.equal(
      turns.map(({ before, handle }) => [before, handle]),
      [
        [0, 'handle-1'],
        [1, 'handle-2'],
      ],
    );
    assert.equal(JSON.parse(turns[0]?.said ?? ''), [{ id: 'call-1', name: 'weather', response: { output: 'rain' } }]);
    first.session.close();
    const second = await talks.begin(resuming(turns[1]?.handle));
    assert.is((await second.turn()).before, 2);
    second.session.close();
  }));

test('a key that may pin goes on at the account that knows its handle', () =>
  withTalks(['a1', 'b2'], async (talks) => {
    const { key } = await talks.house.supervisor.operations.addKey('talks', { pin: true });
    const pinned = { key: key ?? '', headers: { 'x-regrant-account': 'b2@example.com' } };
    let handle: string | undefined;
    for (let before = 0; before < 3; before++) {
      const talk = await talks.begin(resuming(handle), pinned);
      const turn = await talk.turn();
      assert.is(turn.before, before);
      ({ handle } = turn);
      talk.session.close();
    }
    assert.equal(talks.asked, ['b2', 'b2', 'b2']);
  }));

test('a session outlives the grant of its account, and the next goes to another account', () =>
  withTalks(['a1', 'b2'], async (talks) => {
    const { house } = talks;
    const first = await talks.begin(talking);
    const [dead = '', living] = talks.asked[0] === 'a1' ? ['a1', 'b2'] : ['b2', 'a1'];
    await first.turn();
    talks.dies(dead);
    for (let times = 0; times < 2; times++) {
      const next = await talks.begin(talking);
      await next.turn();
      next.session.close();
    }
    assert.is(talks.asked.at(-1), living);
    await house.until(() => house.state(dead) === 'disabled');
    // the file says so a moment later
    let kept = await house.dir.read(dead);
    for (; kept.disabled !== true; kept = await house.dir.read(dead)) await pause(5);
    assert.equal([kept.disabled, String(kept.disabled_reason).split(':', 1)[0]], [true, 'invalid_grant']);
    const sent = house.google.calls.token.filter(({ refreshToken }) => refreshToken === grantOf(dead));
    assert.is(sent.length, 2, 'once for its token, once in vain');
    assert.is((await first.turn()).before, 1, 'it goes on as if nothing had happened');
    first.session.close();
  }));

test.run();
