/** Pictures of every pane, form and dialog, at three sizes. */
import { test } from 'uvu';
import { pictures } from '../../support/pictures.js';
import { nightScenes } from '../../support/scenes.js';

pictures(nightScenes);

test.run();
