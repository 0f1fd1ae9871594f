// What people type, and what is in it: keys, and web addresses.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { commandLetter, isComposing } from '../../static/lib/keys.js';
import { pieces } from '../../static/lib/links.js';

test('a shortcut is the letter that a key writes, and on a keyboard of another script what a Latin one has there', () => {
  const letter = (key, code, more) => commandLetter({ key, code, ctrlKey: true, metaKey: false, altKey: false, ...more });
  for (const [key, code, wanted, layout] of [
    ['z', 'KeyZ', 'z', 'American'], ['Z', 'KeyZ', 'z', 'with Shift'], ['z', 'KeyY', 'z', 'German'], ['y', 'KeyZ', 'y', 'German'],
    ['z', 'KeyW', 'z', 'French'], ['w', 'KeyZ', 'w', 'French'], ['z', 'Slash', 'z', 'Dvorak'], [';', 'KeyZ', undefined, 'Dvorak'],
    ['я', 'KeyZ', 'z', 'Russian'], ['Я', 'KeyZ', 'z', 'Russian with Shift'], ['н', 'KeyY', 'y', 'Russian'], ['ζ', 'KeyZ', 'z', 'Greek'],
    ['ז', 'KeyZ', 'z', 'Hebrew'], ['ئ', 'KeyZ', 'z', 'Arabic'], ['ผ', 'KeyZ', 'z', 'Thai'], ['ั', 'KeyY', 'y', 'Thai'],
    ['ㅋ', 'KeyZ', 'z', 'Korean'], ['ü', 'BracketLeft', undefined, 'German'], ['ö', 'KeyX', undefined, 'Turkish F'],
    ['Delete', 'Delete', undefined, 'any'], ['1', 'Digit1', undefined, 'any'], ['', '', undefined, 'none'],
  ]) assert.equal(letter(key, code), wanted, `${key} at ${code}, ${layout}`);
  assert.equal(letter('z', 'KeyZ', { ctrlKey: false, metaKey: true }), 'z');
  assert.equal(letter('z', 'KeyZ', { ctrlKey: false }), undefined);
  for (const key of ['я', 'z']) assert.equal(letter(key, 'KeyZ', { altKey: true }), undefined, 'AltGr writes');
  for (const key of ['яz', 'я1', '1я', 'zz', '=z']) assert.equal(letter(key, 'KeyZ'), undefined, key);
  for (const code of ['xKeyZ', 'KeyZz', 'Keyz', 'NumpadZ']) assert.equal(letter('я', code), undefined, code);
});

test('an input method has a key for itself as browsers tell it, each in its way', () => {
  for (const [event, composes] of [[{ isComposing: true, keyCode: 13 }, true], [{ isComposing: false, keyCode: 229 }, true], [{ isComposing: false, keyCode: 13 }, false]]) {
    assert.equal(isComposing(event), composes);
  }
});

test('an address ends where the sentence goes on, and keeps the brackets that it opened', () => {
  const links = (text) => [...pieces(text)].filter(({ link }) => link).map(({ link }) => link);
  const wiki = 'https://en.wikipedia.org/wiki/Hubbub_(noise)';
  for (const [text, ...wanted] of [
    [wiki, wiki], [`(${wiki})`, wiki], [`See ${wiki}.`, wiki], [`(see ${wiki}).`, wiki], [`[it](${wiki})!`, wiki], [`${wiki}#a_(b)c`, `${wiki}#a_(b)c`],
    ['(https://example.org/a)', 'https://example.org/a'], ['https://example.org/a[1]{2}', 'https://example.org/a[1]{2}'], ['https://example.org/(((', 'https://example.org/'],
    ['"https://example.org/a"', 'https://example.org/a'], ['“https://example.org/a”,', 'https://example.org/a'], ['<https://example.org/a>', 'https://example.org/a'],
    ['https://example.org/a?b=(c)&d=e!?', 'https://example.org/a?b=(c)&d=e'], ['見てhttps://example.org/a。次', 'https://example.org/a'],
    ['https://example.org/a, http://example.org/b; HTTPS://EXAMPLE.ORG', 'https://example.org/a', 'http://example.org/b', 'HTTPS://EXAMPLE.ORG'],
    ['HtTpS://example.org/?', 'HtTpS://example.org/'], ['https://example.org)(', 'https://example.org'], ['https://example.org/(a)（b）)', 'https://example.org/(a)（b）'],
    ['https:///a', ], ['https://?a', ], ['https://#a', ], ['https://./a', 'https://./a'], ['http://a', 'http://a'], ['https://', ], ['https://)', ], ['https://example.org/\u202Egpj.exe', 'https://example.org/'], ['ftp://example.org', ], [`https://example.org/${')'.repeat(9_000)}`, 'https://example.org/'],
  ]) {
    assert.deepEqual(links(text), wanted, text.slice(0, 80));
    assert.equal([...pieces(text)].map((piece) => piece.link ?? piece.text).join(''), text);
  }
});

test('what stands between addresses stays as it is, and nothing is empty', () => {
  for (const [text, ...wanted] of [
    ['', ], ['no address', 'no address'], ['https://a.org', '<https://a.org>'], ['see https://a.org.', 'see ', '<https://a.org>', '.'], ['https://a.org https://b.org', '<https://a.org>', ' ', '<https://b.org>'],
    ['https:// https://a.org', 'https:// ', '<https://a.org>'],
  ]) assert.deepEqual([...pieces(text)].map((piece) => piece.text ?? `<${piece.link}>`), wanted, text);
});
