// Loaded into the program by --import before anything of it: in a successor it does at a step of the handover what
// the file of REGRANT_TEST_HANDOVER says, `<step> <what>`. Steps: `start`, `loaded` and `ready` (just before it says so), `yours` (as
// soon as it hears that). What: `kill` and `stop` (itself, by SIGKILL and SIGSTOP), `orphan` (kills its predecessor).
import { readFileSync } from 'node:fs';

const [step, what] = readFileSync(process.env.REGRANT_TEST_HANDOVER, 'utf8').split(' ');
const predecessor = process.ppid;

function act() {
  if (what === 'orphan') process.kill(predecessor, 'SIGKILL');
  else process.kill(process.pid, what === 'kill' ? 'SIGKILL' : 'SIGSTOP');
}

if (process.argv.includes('--successor')) {
  if (step === 'start') act();
  const { send, emit } = process;
  process.send = function (message, ...rest) {
    if (message?.step === step) act();
    return send.call(this, message, ...rest);
  };
  process.emit = function (event, ...rest) {
    if (event === 'message' && rest[0]?.step === step) act();
    return emit.call(this, event, ...rest);
  };
}
