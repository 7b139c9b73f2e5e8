import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'

import { keepCode, launch, readCode } from './launch.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'gorae-launch-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

/** A program that writes what it was told into a file, and says that it has started. */
function writeProgram(body = 'onStarted()'): void {
  const text = `(function (exports, require, module, __filename, __dirname) {
    const fs = require('node:fs')
    module.exports = { program: async (args, onStarted) => {
      fs.writeFileSync(__dirname + '/told', args.join(' ')); ${body}
    } }
  })`
  writeFileSync(join(folder, 'part.cjs'), text)
}

const told = () => readFileSync(join(folder, 'told'), 'utf8')
const codeFiles = () => readdirSync(folder).filter((name) => name.endsWith('.code'))

test('a program runs with its arguments, and keeps its code once it has started', async () => {
  writeProgram()
  await launch(folder, 'part', ['a', 'b'])
  expect(told()).toBe('a b')
  expect(codeFiles()).toEqual([`part.cjs.${process.version}-${process.arch}.code`])
})

test('a program that did not start keeps nothing', async () => {
  writeProgram('throw new Error("no")')
  await expect(launch(folder, 'part', [])).rejects.toThrow('no')
  expect(codeFiles()).toEqual([])
})

test('kept code is used again and not written again', async () => {
  writeProgram()
  await launch(folder, 'part', ['first'])
  const [name = ''] = codeFiles()
  const before = readFileSync(join(folder, name))
  await launch(folder, 'part', ['second'])
  expect(told()).toBe('second')
  expect(readFileSync(join(folder, name)).equals(before)).toBe(true)
})

test('damaged code, and code of another program, is never used, and made anew', async () => {
  writeProgram()
  await launch(folder, 'part', ['first'])
  const file = join(folder, codeFiles()[0] ?? '')
  const damaged = Buffer.from(readFileSync(file))
  damaged[damaged.length - 9] = (damaged[damaged.length - 9] ?? 0) ^ 1
  writeFileSync(file, damaged)
  expect(readCode(file)).toBeUndefined()
  await launch(folder, 'part', ['second'])
  expect(told()).toBe('second')
  expect(readCode(file)).toBeDefined()

  keepCode(file, Buffer.from('no code of V8 at all'))
  writeProgram('onStarted() // V8 remembers the other text, and would not look')
  await launch(folder, 'part', ['third'])
  expect(told()).toBe('third')
  expect(readCode(file)?.toString('latin1')).not.toContain('no code of V8')
})

test('a folder that cannot be written keeps nothing and is no fault', () => {
  keepCode(join(folder, 'no/such/folder/x.code'), Buffer.from('x'))
  expect(readdirSync(folder)).toEqual([])
})
