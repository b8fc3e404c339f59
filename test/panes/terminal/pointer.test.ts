import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { pointerOf, type Pointer } from '../../../src/panes/terminal/pointer.js';

const reports: readonly (readonly [parameters: string, final: string, meant: Pointer | null])[] = [
  ['<0;1;1', 'M', { what: 'click', x: 0, y: 0 }],
  ['<0;120;40', 'M', { what: 'click', x: 119, y: 39 }],
  ['<64;5;6', 'M', { what: 'wheel-up', x: 4, y: 5 }],
  ['<65;5;6', 'M', { what: 'wheel-down', x: 4, y: 5 }],
  // let go, another button, moved, with Shift, Alt or Ctrl, sideways, further buttons
  ['<0;1;1', 'm', null],
  ['<1;1;1', 'M', null],
  ['<2;1;1', 'M', null],
  ['<32;1;1', 'M', null],
  ['<35;1;1', 'M', null],
  ['<4;1;1', 'M', null],
  ['<8;1;1', 'M', null],
  ['<16;1;1', 'M', null],
  ['<66;1;1', 'M', null],
  ['<128;1;1', 'M', null],
  // broken, or another protocol's
  ['<0;0;1', 'M', null],
  ['<0;1', 'M', null],
  ['<0;1;1;1', 'M', null],
  ['0;1;1', 'M', null],
  ['<;1;1', 'M', null],
  ['<0;99999;1', 'M', null],
  ['<-1;1;1', 'M', null],
  ['', 'M', null],
];
for (const [parameters, final, meant] of reports) {
  test(`CSI ${parameters} ${final} is ${meant === null ? 'nothing' : meant.what}`, () =>
    assert.equal(pointerOf(parameters, final), meant));
}

test.run();
