import type { Settings } from '../../store/settings/settings.js';
import { cloudcode } from './cloudcode.js';
import { gemini } from './gemini.js';
import type { Upstream } from './upstream.js';

/** What `upstream.kind` may be. */
export const upstreams: Record<Settings['upstream']['kind'], Upstream> = { gemini, cloudcode };
