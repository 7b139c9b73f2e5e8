import { IncomingMessage } from 'node:http'
import { Socket } from 'node:net'
import { pipeline } from 'node:stream/promises'
import { Writable } from 'node:stream'
import { deflateRawSync, gunzipSync, gzipSync, inflateRawSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { isPage, type PagePlace, rewrittenPage, throughProxy } from './links.ts'

const PREFIX = '/api/v1/namespaces/n/pods/web/proxy'
const PLACE: PagePlace = { prefix: PREFIX, ownHost: '10.0.0.9:80', requestHost: 'server:6443' }

describe('a link', () => {
  const links: [link: string, through: string][] = [
    ['/x', `${PREFIX}/x`],
    ['/x/', `${PREFIX}/x/`],
    ['/', `${PREFIX}/`],
    ['/x?q=/y#/z', `${PREFIX}/x?q=/y#/z`],
    ['/..//x', `${PREFIX.slice(0, -'/proxy'.length)}/x`],
    ['http://10.0.0.9:80/x', `${PREFIX}/x`],
    ['//10.0.0.9:80/x', `${PREFIX}/x`],
    ['https://server:6443/x', `https://server:6443${PREFIX}/x`],
    ['x', 'x'],
    ['?q', '?q'],
    ['#f', '#f'],
    ['mailto:a@b', 'mailto:a@b'],
    ['http://10.0.0.9/x', 'http://10.0.0.9/x'],
    ['https://other/x', 'https://other/x'],
    [`${PREFIX}/x`, `${PREFIX}/x`],
    ['', ''],
  ]
  test.each(links)('%j leads to %j', (link, through) => {
    expect(throughProxy(link, PLACE)).toBe(through)
  })
})

/** What becomes of a page that comes in pieces of a few bytes. */
async function rewritten(body: Buffer, headers: Record<string, string> = {}): Promise<Buffer> {
  const page = new IncomingMessage(new Socket())
  page.headers = headers
  const parts: Buffer[] = []
  const sink = new Writable({ write: (part: Buffer, _encoding, done) => done(void parts.push(part) as undefined) })
  for (let at = 0; at < body.length; at += 7) page.push(body.subarray(at, at + 7))
  page.push(null)
  await pipeline([...(await rewrittenPage(page, PLACE)), sink])
  return Buffer.concat(parts)
}

describe('a page', () => {
  const pages: [what: string, page: string, through: string][] = [
    ['a link', '<a href="/x">t</a>', `<a href="${PREFIX}/x">t</a>`],
    ['a link without quotes', '<IMG SRC=/x>', `<img src="${PREFIX}/x">`],
    ['an escaped link', "<a id='\"' href='/x?a&amp;b'>", `<a id="&#34;" href="${PREFIX}/x?a&amp;b">`],
    ['a closed element', '<img src="/x"/>', `<img src="${PREFIX}/x"/>`],
    ['what needs no change', "<A  HREF='x' >é</A>", "<A  HREF='x' >é</A>"],
    ['an attribute that is no link', '<p title="/x">', '<p title="/x">'],
    ['a script', '<script>w("<a href=\'/x\'>")</script>', '<script>w("<a href=\'/x\'>")</script>'],
    ['a comment', '<!-- <a href="/x"> -->', '<!-- <a href="/x"> -->'],
    ['a tag that never ends', '<b>t<a href="/x', '<b>t'],
  ]
  test.each(pages)('with %s', async (_what, page, through) => {
    expect((await rewritten(Buffer.from(page))).toString()).toBe(through)
  })

  test('in an encoding of its own keeps its bytes', async () => {
    const text = Buffer.from([0xff, 0x80, 0xe9, 0x0d, 0x0a, 0])
    expect(await rewritten(text)).toEqual(text)
  })

  test('is rewritten inside its compression', async () => {
    const page = Buffer.from('<a href="/x">')
    const zipped = await rewritten(gzipSync(page), { 'content-encoding': 'gzip' })
    const deflated = await rewritten(deflateRawSync(page), { 'content-encoding': 'deflate' })
    expect(gunzipSync(zipped).toString()).toBe(`<a href="${PREFIX}/x">`)
    expect(inflateRawSync(deflated).toString()).toBe(`<a href="${PREFIX}/x">`)
  })

  const kinds: [headers: Record<string, string>, isOne: boolean][] = [
    [{ 'content-type': 'text/html; charset=utf-8' }, true],
    [{ 'content-type': 'text/html', 'content-encoding': 'gzip' }, true],
    [{ 'content-type': 'text/html', 'content-encoding': 'br' }, false],
    [{ 'content-type': 'application/json' }, false],
    [{}, false],
  ]
  test.each(kinds)('with headers %j is one to rewrite: %j', (headers, isOne) => {
    const answer = new IncomingMessage(new Socket())
    answer.headers = headers
    expect(isPage(answer)).toBe(isOne)
  })
})
