import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { readTarget } from '../../../src/proxy/http/request-target.js';
import { modelCallOf } from '../../../src/proxy/protocols/gemini/model-call.js';

test('the rest of a query keeps its bytes and its order when the key is taken out', () => {
  for (const [url, upstream, keys] of [
    ['/v1beta/models', '/v1beta/models', []],
    ['/p?alt=sse', '/p?alt=sse', []],
    ['/p?', '/p?', []],
    ['/p?key=K', '/p', ['K']],
    ['/p?alt=json&key=K&x=1', '/p?alt=json&x=1', ['K']],
    ['/p?a=%7e&a=b+c&&key=K&=&b', '/p?a=%7e&a=b+c&&=&b', ['K']],
    ['/p?key=one&b=2&key=two', '/p?b=2', ['one', 'two']],
    ['/p?key', '/p', ['']],
    ['/p?key=a%2Bb+c', '/p', ['a+b c']],
    ['/p?monkey=1&keys=2&%6bey%73=3', '/p?monkey=1&keys=2&%6bey%73=3', []],
    ['/p?KEY=k', '/p?KEY=k', []],
    ['/p?x=?key=K', '/p?x=?key=K', []],
    ['/p#f?key=K', '/p#f', ['K']],
    ['/p?a=%zz&key=%zz', '/p?a=%zz', ['%zz']],
  ] as const) {
    assert.equal(readTarget(url), { path: url.replace(/\?.*/s, ''), upstream, keys: [...keys] }, url);
  }
});

test('a key parameter is found behind percent signs', () => {
  for (const name of ['%6bey', 'k%65y', 'ke%79', '%6B%65%79']) {
    assert.equal(readTarget(`/p?a=1&${name}=K&b=2`), { path: '/p', upstream: '/p?a=1&b=2', keys: ['K'] }, name);
  }
});

test('the absolute form of a target counts as its path', () => {
  assert.is(readTarget('http://generativelanguage.googleapis.com/v1/models?key=K')?.upstream, '/v1/models');
  assert.is(readTarget('HTTPS://host:1')?.upstream, '/');
  assert.is(readTarget('http://host?x=1')?.upstream, '/?x=1');
  assert.is(readTarget('//host/p')?.upstream, '/host/p');
});

test('what is neither a path nor a URL is no target', () => {
  for (const url of ['*', 'host:443', '', 'ftp://host/p']) assert.is(readTarget(url), null, url);
});

test('the model and what is asked of it are read from the path', () => {
  for (const [path, model, call] of [
    ['/v1beta/models/gemini-3-flash:generateContent', 'gemini-3-flash', 'generateContent'],
    ['/v1/models/gemini-3-flash:streamGenerateContent', 'gemini-3-flash', 'streamGenerateContent'],
    ['/v1beta/models/gemini-3-flash%3AcountTokens', 'gemini-3-flash', 'countTokens'],
    ['/v1beta/models/a%20b:generateContent', 'a b', 'generateContent'],
    ['/v1beta/models/gemini-3-flash', 'gemini-3-flash', ''],
    ['/v1beta/tunedModels/mine-1:generateContent', 'tunedModels/mine-1', 'generateContent'],
    ['/v1beta/models', '', ''],
    ['/v1beta/files/abc', '', ''],
    ['/healthz', '', ''],
    ['', '', ''],
  ] as const) {
    assert.equal(modelCallOf(path), { model, call }, path);
  }
});

test.run();
