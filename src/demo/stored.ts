/**
 * What the simulated Gemini API stores: files (with resumable upload), cached contents and interactions, each visible
 * only to its own quota project.
 */
import { createHash, randomBytes } from 'node:crypto';
import type { Clock } from '../store/ground/clock.js';
import { objectOf, objectOrEmpty } from './calls.js';
import type { GeminiCall } from './gemini.js';
import { apiError, invalidArgument, pathNotFound } from './refusals.js';
import { type GoogleAnswer, jsonReply } from './reply.js';
import { ownValue } from '../store/ground/json.js';

interface Stored {
  /** `files/abc` */
  readonly name: string;
  readonly project: string;
  readonly shown: Readonly<Record<string, unknown>>;
}

interface Upload {
  readonly project: string;
  readonly file: Readonly<Record<string, unknown>>;
  readonly mimeType: string;
  readonly chunks: Buffer[];
}

const DAY_MS = 86_400_000;
const newId = (): string => randomBytes(9).toString('hex').slice(0, 12);

export class StoredThings {
  readonly #things = new Map<string, Stored>();
  readonly #uploads = new Map<string, Upload>();

  constructor(private readonly clock: Clock) {}

  /** Whether an address continues an upload: no credential is needed for it. */
  isUpload(query: URLSearchParams): boolean {
    return this.#uploads.has(query.get('upload_id') ?? '');
  }

  /** Answers a call for a stored resource; null: it is for something else. */
  answer(call: GeminiCall, bytes: Buffer, host: string): GoogleAnswer | null {
    const interaction = this.#interaction(call);
    if (interaction !== null) return interaction;
    const [, root, kind, id] = /^\/(upload\/)?v1beta\/(files|cachedContents)(?:\/([^/:]+))?$/.exec(call.path) ?? [];
    if (kind === undefined) return null;
    const project = call.project ?? '';
    if (root !== undefined) return this.#upload(call, bytes, host, project);
    if (id !== undefined) return this.#one(call.method, `${kind}/${id}`, project);
    if (call.method === 'GET') {
      const own = [...this.#things.values()].filter(
        (thing) => thing.project === project && thing.name.startsWith(kind),
      );
      return jsonReply(200, { [kind]: own.map(({ shown }) => shown) });
    }
    return kind === 'cachedContents' ? this.#cache(call.body, project) : pathNotFound(call.path);
  }

  /** The refusal of a request that names another project's resource; null: it names none. */
  refusal(call: GeminiCall): GoogleAnswer | null {
    const named = [...call.body.matchAll(/\b(?:files|cachedContents)\/[\w-]+/g)].map(([name]) => name);
    const foreign = named.find((name) => this.#things.get(name)?.project !== call.project);
    return foreign === undefined || named.every((name) => !this.#things.has(name)) ? null : hidden(foreign);
  }

  /** An interaction is named by its id alone, and can continue another one of its project. */
  #interaction(call: GeminiCall): GoogleAnswer | null {
    const [path, id] = /^\/v1beta\/interactions(?:\/([^/:]+))?(?:\/cancel)?$/.exec(call.path) ?? [];
    if (path === undefined) return null;
    const project = call.project ?? '';
    if (id !== undefined) return this.#one(call.method, `interactions/${id}`, project);
    const { model = '', previous_interaction_id: previous, stream } = objectOf(call.body);
    if (typeof previous === 'string' && this.#things.get(`interactions/${previous}`)?.project !== project) {
      return apiError(404, 'NOT_FOUND', 'Requested entity was not found.');
    }
    const made = `v1_${randomBytes(24).toString('base64url')}`;
    const outputs = [{ type: 'text', text: 'A refresh token is a promise.' }];
    const shown = { id: made, object: 'interaction', model, status: 'completed', outputs };
    this.#things.set(`interactions/${made}`, { name: `interactions/${made}`, project, shown });
    return stream === true ? interactionEvents(shown) : jsonReply(200, shown);
  }

  #one(method: string, name: string, project: string): GoogleAnswer {
    const thing = this.#things.get(name);
    if (thing?.project !== project) return hidden(name);
    if (method !== 'DELETE') return jsonReply(200, thing.shown);
    this.#things.delete(name);
    return jsonReply(200, {});
  }

  #cache(body: string, project: string): GoogleAnswer {
    const { model = '' } = objectOf(body);
    const name = `cachedContents/${newId()}`;
    const shown = { name, model, usageMetadata: { totalTokenCount: 4096 }, ...this.#times(DAY_MS / 24) };
    this.#things.set(name, { name, project, shown });
    return jsonReply(200, shown);
  }

  #upload(call: GeminiCall, bytes: Buffer, host: string, project: string): GoogleAnswer {
    const { headers } = call;
    const said = (name: string): string => String(ownValue(headers, name) ?? '');
    const commands = said('x-goog-upload-command').split(/,\s*/);
    if (said('x-goog-upload-protocol') === 'resumable' && commands.includes('start')) {
      const id = randomBytes(48).toString('base64url');
      const file = objectOf(call.body).file;
      const mimeType = said('x-goog-upload-header-content-type');
      this.#uploads.set(id, { project, file: objectOrEmpty(file), mimeType, chunks: [] });
      const url = `http://${host}${call.path}?upload_id=${id}&upload_protocol=resumable`;
      const told = { 'x-goog-upload-url': url, 'x-goog-upload-status': 'active' };
      return { status: 200, headers: { ...told, 'x-goog-upload-chunk-granularity': '262144' }, body: '' };
    }
    const id = new URLSearchParams(call.search).get('upload_id') ?? '';
    const upload = this.#uploads.get(id);
    if (upload === undefined) return invalidArgument('Upload has already been terminated.');
    const received = upload.chunks.reduce((sum, { length }) => sum + length, 0);
    if (commands.includes('upload')) {
      if (Number(said('x-goog-upload-offset')) !== received) return invalidArgument('Offset mismatch.');
      upload.chunks.push(bytes);
    }
    if (!commands.includes('finalize')) {
      const told = { 'x-goog-upload-status': 'active', 'x-goog-upload-size-received': String(received + bytes.length) };
      return { status: 200, headers: told, body: '' };
    }
    this.#uploads.delete(id);
    return jsonReply(200, { file: this.#made(upload, host) }, { 'x-goog-upload-status': 'final' });
  }

  #made({ project, file, mimeType, chunks }: Upload, host: string): unknown {
    const name = typeof file.name === 'string' ? file.name : `files/${newId()}`;
    const whole = Buffer.concat(chunks);
    const shown = {
      ...{ name, displayName: file.displayName, mimeType, sizeBytes: String(whole.length) },
      ...this.#times(2 * DAY_MS),
      sha256Hash: Buffer.from(createHash('sha256').update(whole).digest('hex')).toString('base64'),
      uri: `https://${host}/v1beta/${name}`,
      ...{ state: 'ACTIVE', source: 'UPLOADED' },
    };
    this.#things.set(name, { name, project, shown });
    return shown;
  }

  #times(lifeMs: number): Record<string, string> {
    const now = new Date(this.clock.now()).toISOString();
    return { createTime: now, updateTime: now, expireTime: new Date(this.clock.now() + lifeMs).toISOString() };
  }
}

const interactionEvents = (interaction: object): GoogleAnswer => ({
  status: 200,
  headers: { 'content-type': 'text/event-stream' },
  body: ['interaction.start', 'interaction.complete']
    .map((type) => `event: ${type}\ndata: ${JSON.stringify({ event_type: type, interaction })}\n\n`)
    .join(''),
});

const hidden = (name: string): GoogleAnswer =>
  apiError(
    403,
    'PERMISSION_DENIED',
    `You do not have permission to access the ${name.startsWith('files') ? 'File' : 'CachedContent'} ${name.split('/')[1] ?? ''} or it may not exist.`,
  );
