/**
 * What the Gemini API makes that takes its time or is kept: batches, videos, file search stores, tuned models. Each is
 * seen by the quota project alone that made it.
 */
import { apiError, type GeminiCall, type Google, jsonReply } from './google.js';

type Shown = Readonly<Record<string, unknown>>;

/** What was made: its project by its name, and how the calls of one project go on with it. */
class Jobs {
  readonly projects = new Map<string, string>();

  /** Makes something in a collection. @returns it, as the API shows it */
  make(collection: string, project: string, more: Shown = {}): Shown {
    const name = `${collection}/x${this.projects.size + 1}`;
    this.projects.set(name, project);
    return { ...shownOf(name), ...more };
  }

  listed(collection: string, project: string): readonly Shown[] {
    const isOne = new RegExp(`^${collection}/[^/]+$`);
    return [...this.projects].filter(([name, of]) => of === project && isOne.test(name)).map(([name]) => shownOf(name));
  }
}

/** Any of them, done: the SDK takes from it what is its own. */
const shownOf = (name: string): Shown => ({
  ...{ name, done: true, state: 'ACTIVE', metadata: { state: 'BATCH_STATE_SUCCEEDED' } },
  response: { generateVideoResponse: { generatedSamples: [] } },
});

type Answer = (jobs: Jobs, project: string, under: string) => Shown;

/** By method and path; what the path holds in brackets is `under`. */
const calls: readonly (readonly [string, RegExp, Answer])[] = [
  ['POST', /^models\/[^:]+:(?:batchGenerateContent|asyncBatchEmbedContent)$/, (jobs, of) => jobs.make('batches', of)],
  ['POST', /^(models\/[^:]+):predictLongRunning$/, (jobs, of, model) => jobs.make(`${model}/operations`, of)],
  ['POST', /^fileSearchStores$/, (jobs, of) => jobs.make('fileSearchStores', of)],
  ['POST', /^(fileSearchStores\/\w+):importFile$/, (jobs, of, store) => jobs.make(`${store}/operations`, of)],
  ['POST', /^(fileSearchStores\/\w+):uploadToFileSearchStore$/, uploaded],
  ['POST', /^tunedModels$/, tuned],
  ['POST', /^tunedModels\/\w+:generateContent$/, () => ({ candidates: [{ content: { parts: [{ text: 'hi' }] } }] })],
  ['POST', /:cancel$/, () => ({})],
  ['GET', /^(batches)$/, (jobs, of, name) => ({ operations: jobs.listed(name, of) })],
  ['GET', /^(fileSearchStores|tunedModels)$/, (jobs, of, name) => ({ [name]: jobs.listed(name, of) })],
  ['GET', /^(fileSearchStores\/\w+\/documents)$/, (jobs, of, name) => ({ documents: jobs.listed(name, of) })],
  [
    'GET',
    /^((?:batches|tunedModels|fileSearchStores)\/.*|models\/.*\/operations\/\w+)$/,
    (_jobs, _of, name) => shownOf(name),
  ],
  ['DELETE', /^((?:batches|fileSearchStores)\/.*)$/, (jobs, _of, name) => (jobs.projects.delete(name), {})],
];

function uploaded(jobs: Jobs, project: string, store: string): Shown {
  jobs.make(`${store}/documents`, project);
  return jobs.make(`${store}/upload/operations`, project);
}

function tuned(jobs: Jobs, project: string): Shown {
  const tunedModel = String(jobs.make('tunedModels', project).name);
  return jobs.make(`${tunedModel}/operations`, project, { metadata: { tunedModel } });
}

/** Lets a simulated Google do all this. @returns the project of each thing that was made, by its name */
export function withJobs(google: Google): ReadonlyMap<string, string> {
  const jobs = new Jobs();
  const uploads = new Map<string, string>();
  google.upstream((call) => {
    const path = call.path.replace(/^\/(?:upload\/)?v1beta\//, '');
    if (isForeign(call, path, jobs)) return apiError(404, 'NOT_FOUND', 'Requested entity was not found.');
    if (call.headers['x-goog-upload-command'] === 'start' && path.startsWith('fileSearchStores')) {
      const id = `upload-${uploads.size + 1}`;
      uploads.set(id, call.project ?? '');
      const address = `http://${call.headers.host ?? ''}${call.path}?upload_id=${id}`;
      return jsonReply(200, {}, { 'x-goog-upload-url': address, 'x-goog-upload-status': 'active' });
    }
    const of = uploads.get(new URLSearchParams(call.search).get('upload_id') ?? '');
    for (const [method, pattern, answer] of calls) {
      const found = method === call.method ? pattern.exec(path) : null;
      if (found === null) continue;
      const told: Record<string, string> = of === undefined ? {} : { 'x-goog-upload-status': 'final' };
      return jsonReply(200, answer(jobs, of ?? call.project ?? '', found[1] ?? ''), told);
    }
    return undefined;
  });
  return jobs.projects;
}

/** Whether a call names what another project made, in its path or its body. */
const isForeign = ({ body, project }: GeminiCall, path: string, jobs: Jobs): boolean =>
  [...jobs.projects].some(
    ([name, of]) =>
      of !== project &&
      (body.includes(`"${name}"`) || path === name || path.startsWith(`${name}:`) || path.startsWith(`${name}/`)),
  );
