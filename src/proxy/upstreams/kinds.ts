import type { Settings } from '../../store/settings/settings.js';
import { cloudcode } from './cloudcode.js';
import { gemini } from './gemini.js';
import type { Upstream } from './upstream.js';

/** The kinds of upstream that `upstream.kind` may name. */
export const upstreams: Record<Settings['upstream']['kind'], Upstream> = { gemini, cloudcode };
