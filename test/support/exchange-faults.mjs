// Loaded with `--import` into a box: it kills itself at the step of an exchange that REGRANT_TEST_STEP names, by what goes to
// the database and to the spool. `take`: before the lease is asked for. `taken`: it has the lease, nothing is sent.
// `answered`: before anything of the answer is written. `spooled`: the new token is in the spool, durably. `landing`: before
// the commit. `landed`: the database has it, the spool too. `told`: nothing is left to do.
import fs from 'node:fs';
import net from 'node:net';
import { syncBuiltinESMExports } from 'node:module';

const wanted = process.env.REGRANT_TEST_STEP;
const SPOOLED = /[/\\]spool[/\\][0-9a-f]{64}$/;
const done = new Set();

function reached(step) {
  done.add(step);
  if (step === wanted) process.kill(process.pid, 'SIGKILL');
}

const { write } = net.Socket.prototype;
net.Socket.prototype.write = function (chunk, ...rest) {
  const text =
    typeof chunk === 'string' ? chunk : Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length).toString('latin1');
  if (done.has('take') && text.includes('."successor"')) reached('taken');
  if (/insert into "\w+"\."exchange"/.test(text)) reached('take');
  if (done.has('renamed') && !done.has('spooled') && text.includes('begin;')) reached('spooled');
  if (done.has('spooled') && text.includes('commit\0')) reached('landing');
  return write.call(this, chunk, ...rest);
};

const { mkdir, renameSync, unlink } = fs;
fs.mkdir = function (folder, ...rest) {
  if (/[/\\]spool$/.test(folder)) reached('answered');
  return mkdir.call(this, folder, ...rest);
};
fs.renameSync = function (from, to) {
  renameSync.call(this, from, to);
  if (SPOOLED.test(to)) done.add('renamed');
};
fs.unlink = function (file, callback) {
  if (!SPOOLED.test(file)) return unlink.call(this, file, callback);
  reached('landed');
  return unlink.call(this, file, (error) => {
    reached('told');
    callback(error);
  });
};
syncBuiltinESMExports();
