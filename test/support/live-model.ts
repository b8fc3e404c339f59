/** A model behind a Live service: says back what it hears, calls a tool, and goes on where a session broke off. */
import type { WebSocket } from 'ws';
import type { LiveService } from './live.js';

/** A message of the SDK, as far as the model reads it. */
interface Said {
  readonly setup?: { readonly sessionResumption?: { readonly handle?: string } };
  readonly realtimeInput?: { readonly audio?: { readonly data: string }; readonly audioStreamEnd?: boolean };
  readonly clientContent?: object;
  readonly toolResponse?: { readonly functionResponses: readonly object[] };
}

/** What a session is about, which its handle brings back in the quota project that it began in. */
interface Talk {
  readonly project: string;
  readonly turns: number;
}

const SOUND_BYTES = 4_000;

/** Gives a Live service such a model. @returns the talks by their handles, in turn */
export function withModel(service: LiveService): ReadonlyMap<string, Talk> {
  const talks = new Map<string, Talk>();
  service.session = (socket, request) => {
    const speaker = new Speaker(socket, String(request.headers['x-goog-user-project']), talks);
    socket.on('message', (data: Buffer) => speaker.hears(JSON.parse(data.toString()) as Said));
  };
  return talks;
}

class Speaker {
  private turns = 0;
  private sound: Buffer[] = [];

  constructor(
    private readonly socket: WebSocket,
    private readonly project: string,
    private readonly talks: Map<string, Talk>,
  ) {}

  hears({ setup, realtimeInput, clientContent, toolResponse }: Said): void {
    if (setup !== undefined) this.begin(setup.sessionResumption?.handle);
    if (realtimeInput?.audio !== undefined) this.sound.push(Buffer.from(realtimeInput.audio.data, 'base64'));
    if (realtimeInput?.audioStreamEnd === true) this.sayBack();
    if (clientContent !== undefined) {
      const call = { id: 'call-1', name: 'weather', args: { turnsBefore: this.turns } };
      this.send({ toolCall: { functionCalls: [call] } });
    }
    if (toolResponse !== undefined) this.answer({ text: JSON.stringify(toolResponse.functionResponses) });
  }

  private begin(handle?: string): void {
    const before = handle === undefined ? { project: this.project, turns: 0 } : this.talks.get(handle);
    if (before?.project === this.project) {
      this.turns = before.turns;
      this.send({ setupComplete: {} });
    } else this.socket.close(1_008, 'session not found');
  }

  private sayBack(): void {
    const sound = Buffer.concat(this.sound.splice(0));
    const pieces = Array.from({ length: Math.ceil(sound.length / SOUND_BYTES) }, (_, n) =>
      sound.subarray(n * SOUND_BYTES, (n + 1) * SOUND_BYTES).toString('base64'),
    );
    this.answer(...pieces.map((data) => ({ inlineData: { mimeType: 'audio/pcm;rate=24000', data } })));
  }

  /** Says a whole turn, each part as a message, and gives the handle by which to go on after it. */
  private answer(...parts: readonly object[]): void {
    for (const part of parts) this.send({ serverContent: { modelTurn: { role: 'model', parts: [part] } } });
    this.turns += 1;
    const newHandle = `handle-${this.talks.size + 1}`;
    this.talks.set(newHandle, { project: this.project, turns: this.turns });
    this.send({ sessionResumptionUpdate: { newHandle, resumable: true } });
    this.send({ serverContent: { turnComplete: true }, usageMetadata: { promptTokenCount: 4, totalTokenCount: 10 } });
  }

  /** As Google does, JSON in a binary frame. */
  private send(message: object): void {
    this.socket.send(Buffer.from(JSON.stringify(message)));
  }
}
