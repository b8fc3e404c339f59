import type { RestOrder } from '../answers/answers-so-far.js';
import { restCauses } from '../answers/causes.js';
import type { ProjectEvidence } from './project-evidence.js';
import type { NewRest, Resting } from './rests.js';
import type { Subject } from '../subject/subject.js';

/** An order to rest, the account that got the answer, and what was asked. */
export interface Ordered {
  readonly order: RestOrder;
  readonly member: Resting;
  readonly subject: Subject;
}

/** The rest to set for an order: who rests, and for what. @param now - monotonic ms */
export function restOrdered({ order, member, subject }: Ordered, evidence: ProjectEvidence, now: number): NewRest {
  const { cause, words, seconds } = order;
  const { id, quotaProject } = member;
  const isShown = order.maybeProject && quotaProject !== id && evidence.note(id, quotaProject, subject, now);
  const isProject = quotaProject !== id && (order.of === 'project' || isShown);
  const about = cause === 'no_model' ? 'model' : isProject ? 'project' : 'account';
  const what = restCauses[cause].of === 'all' ? ({ model: '', group: '' } as const) : subject;
  return { who: isProject ? quotaProject : id, about, model: what.model, group: what.group, cause, words, seconds };
}
