/** Pictures of every state of an account, a form, a dialog and the screen that is not the one they begin with. */
import { test } from 'uvu';
import { boxScenes } from '../../support/box-scenes.js';
import { pictures } from '../../support/pictures.js';
import { stateScenes } from '../../support/state-scenes.js';

pictures([...stateScenes, ...boxScenes]);

test.run();
