import type { OwnError } from '../../http/own-answer.js';
import { type Places, ReplacedStrings } from '../../http/replaced-strings.js';
import { BodyRefused, RewrittenBody } from '../../http/rewritten-body.js';
import type { SendableBody } from '../../http/sendable-body.js';
import { placesInAnswer } from '../../protocols/gemini/carried-models.js';
import { type ModelSettings, servedModel } from '../../protocols/translation/models/model-names.js';
import type { Rewriting } from '../../upstreams/upstream.js';
import { hiddenModel } from './renamed-model.js';

/** What a model's name may begin with where a body names it. */
const WRITTEN = /^((?:publishers\/[^/]+\/)?models\/)?(.*)$/s;
/** A body has none of the keys that name models if it has neither this nor a backslash, by which it may be written otherwise. */
const KEY = 'odel';
const ESCAPE = '\\';
/** How many names of one request its answer may be given back. */
const MOST_NAMES = 100;
const NEWLINE = 0x0a;

export interface BodyModelsDeps {
  readonly settings: ModelSettings;
  /** Why the client's key may not use a model; null: it may. */
  readonly refusalOf: (model: string) => OwnError | null;
  /** Called with each model, and the client's name for it. */
  readonly onModel: (served: string, asked: string) => void;
}

/**
 * The models that the body of a Gemini API request names: the settings' model is put in the place of each name, one that
 * may not be used refuses the request, and the answer gets the client's names back.
 */
export class BodyModels {
  /** As written to the upstream → as the client wrote it. */
  private readonly written = new Map<string, string>();

  constructor(
    private readonly places: Places,
    private readonly deps: BodyModelsDeps,
  ) {}

  /** The request's path names a model under another name. */
  inPath(served: string, asked: string): void {
    this.note(served, asked);
    this.note(`models/${served}`, `models/${asked}`);
  }

  rewritten(body: SendableBody): SendableBody {
    return new RewrittenBody(
      body,
      () => this.rewriting(),
      (bytes) => bytes.includes(KEY) || bytes.includes(ESCAPE),
    );
  }

  /** A whole body, rewritten. @throws {BodyRefused} */
  whole(body: Buffer): Buffer {
    const rewriting = this.rewriting();
    return Buffer.concat([...rewriting.push(body), ...rewriting.end()]);
  }

  /** Gives an answer the client's names back; null: it used no others. */
  echo(contentType: string): Rewriting | null {
    if (this.written.size === 0) return null;
    const begin = () => new ReplacedStrings(placesInAnswer, (name) => this.written.get(name) ?? name);
    return contentType.startsWith('text/event-stream') ? new EachLine(begin) : begin();
  }

  private rewriting(): ReplacedStrings {
    return new ReplacedStrings(this.places, (name) => this.upstreamName(name));
  }

  /** @throws {BodyRefused} */
  private upstreamName(written: string): string {
    const [, prefix = '', asked = written] = WRITTEN.exec(written) ?? [];
    if (asked === '') return written;
    const served = servedModel(asked, this.deps.settings);
    if (served === null) throw new BodyRefused(hiddenModel(asked));
    const refusal = this.deps.refusalOf(served);
    if (refusal !== null) throw new BodyRefused(refusal);
    this.deps.onModel(served, asked);
    if (served === asked) return written;
    const name = served.includes('/') ? served : prefix + served;
    this.note(name, written);
    return name;
  }

  private note(served: string, asked: string): void {
    if (this.written.size < MOST_NAMES && !this.written.has(served)) this.written.set(served, asked);
  }
}

/** Reads each line of a stream of events on its own. */
class EachLine implements Rewriting {
  private line: ReplacedStrings;

  constructor(private readonly begin: () => ReplacedStrings) {
    this.line = begin();
  }

  push(chunk: Buffer): readonly Buffer[] {
    const out: Buffer[] = [];
    let from = 0;
    for (let end = chunk.indexOf(NEWLINE); end >= 0; end = chunk.indexOf(NEWLINE, from)) {
      out.push(...this.line.push(chunk.subarray(from, end + 1)), ...this.line.end());
      this.line = this.begin();
      from = end + 1;
    }
    if (from < chunk.length) out.push(...this.line.push(chunk.subarray(from)));
    return [Buffer.concat(out)];
  }

  end(): readonly Buffer[] {
    return this.line.end();
  }
}
